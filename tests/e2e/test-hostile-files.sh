# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Files that were made, by chance or by malice, to trip a program that drives git: names, links, special
# files, sizes, and what changes while it is read. Work lands or is refused with a reason; a restore
# brings back every byte; git finds nothing wrong afterwards.
# shellcheck source=tests/e2e/lib-hostile.sh
. "$E2E_HERE/lib-hostile.sh"

# Everything that may be a name.
make_odd_names() {
    local name
    while IFS= read -r -d '' name; do
        printf 'content of %s\n' "$name" >"./$name"
    done < <(printf '%s\0' '-rf' '--upload-pack=touch pwned' '--exec=x' '--' '-' '*' '?' '[a]' ':(top)x' \
        ':!x' '!x' '#x' ' lead' 'trail ' 'a	tab' "it's" 'dou"ble' 'back\slash' '$(touch pwned)' \
        '`touch pwned`' ';x' 'a=b' '{{item}}' '%s%n' 'HEAD' 'refs' 'FETCH_HEAD' '@' '@{-1}' 'x.lock' \
        'a
newline' 'b
' '.gitmodule' '.gitfoo' 'CON' 'aux.c' 'x:y' 'x.' '~' '..x' '...' 'index.lock' 'Case' 'case' 'CASE'
        printf 'bad\377utf8\0' 
        printf 'e\314\201\0' 
        printf '\303\251\0' 
        printf '\033[31mred\0' 
        printf 'rtl\342\200\256txt\0' 
        printf 'x%.0s' {1..255} 
        printf '\0')
}

test_odd_names_of_files() {
    new_repo
    make_odd_names
    mkdir -p -- '-d/--x' 'd
e/f'
    echo x >'-d/--x/-y'
    echo x >'d
e/f/g'
    git add -A && git commit -qm names
    # The same again, changed, and untracked.
    for name in -[!d]* '*' a*; do echo more >>"./$name"; done
    mkdir new && cd new && make_odd_names && cd ..
    state_of . >../before
    work_plan 'for f in ./*; do [ -d "$f" ] || echo agent >>"$f"; done; echo x >-made; git status >/dev/null'
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: files that the result changes are modified'
    rm -f out err
    [ ! -e pwned ] || fail "a name was run"
    comes_back 'rm -rf -- * -*; echo x >later; mkdir "*"'
    git add -A && git commit -qm 'all of it'
    lands
    is "made by the agent" x "$(cat ./-made)"
    is "a name with a newline" 4 "$(wc -l <'a
newline')"
    is "pwned" "" "$(find . -name pwned)"
}

# Git keeps none of these, and a repository that held them would be refused by others.
test_names_that_git_refuses() {
    new_repo
    mkdir -p .GIT/hooks 'git~1' '.git ' sub/.Git '.git.' nested/.gitx
    for place in .GIT 'git~1' '.git ' sub/.Git '.git.'; do
        printf '[core]\n\tfsmonitor = touch %s/pwned\n' "$PWD" >"$place/config"
    done
    echo 'ref: refs/heads/main' >.GIT/HEAD
    echo x >'.git::$INDEX_ALLOCATION'
    printf 'x' >$'.g\342\200\214it'
    state_of . >../before
    work_plan 'echo x >new; mkdir -p "git~2" .GIT; echo x >.GIT/planted; echo x >"git~1"'
    lands
    is "what is no name for git stays here" x "$(cat '.git::$INDEX_ALLOCATION')"
    [ ! -e '.GIT/planted' ] || fail "it came out of the copy"
    [ ! -e pwned ] || fail "a planted configuration was used"
    comes_back 'rm -rf .GIT "git~1" ".git " sub ".git." ".git::\$INDEX_ALLOCATION" $(printf ".g\342\200\214it")'
}

test_links_and_special_files() {
    new_repo
    ln -s /etc/passwd absolute
    ln -s ../../../../../../etc outside
    ln -s . self
    ln -s loop loop
    ln -s .git/config into-git
    ln -s nowhere dangling
    ln -s dir link-to-dir
    ln -s "$(printf 'n\nl \377')" odd-target
    ln -s "$(printf 'x%.0s' {1..4095})" long-target
    git add -A && git commit -qm links
    mkfifo fifo
    perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket")) or die'
    [ "$(id -u)" -ne 0 ] || mknod device c 1 3 2>/dev/null || echo "not tried: a device (mknod is not allowed here)"
    mkdir -p empty/deep/er closed
    chmod 2755 empty
    chmod 0751 empty/deep
    printf 'x\0y' >closed/file
    chmod 0400 closed/file
    chmod 0500 closed
    ln -s /dev/zero untracked-link
    rm dir/inner && rmdir dir && ln -s /tmp dir
    state_of . >../before
    work_plan 'echo x >new; for l in absolute outside/x into-git dangling; do echo pwned >>$l; done 2>/dev/null; rm self; mkdir self; echo x >self/file; mkfifo f; ln -s /etc/shadow stolen; true'
    lands
    hasnt .git/config pwned
    is "the link of the agent" /etc/shadow "$(readlink stolen)"
    is "a link that became a folder" x "$(cat self/file)"
    is "fifo" fifo "$(stat -c %F fifo)"
    comes_back 'chmod 700 closed; rm -rf self stolen new empty closed dir; mkdir dir; echo x >dir/inner; ln -sfn /x loop; git reset -q --hard HEAD~1'
}

# A tracked file is replaced by something that git keeps none of.
test_a_fifo_in_the_place_of_a_file() {
    new_repo
    rm f1 && mkfifo f1
    work_plan 'echo x >new'
    exits 0 timeout 60 "$KELP" run --yes --quiet ../plan.yaml
    is "new" x "$(cat new)"
    is "the fifo" fifo "$(stat -c %F f1)"
}

test_files_that_change_while_they_are_read() {
    new_repo
    mkdir churn
    perl -e 'my $end = time + 20; my $i = 0;
        while (time < $end && !-e "../stop") {
            my $n = $i++ % 40;
            open(my $f, ">", "churn/$n"); print $f "x" x ($i % 70000); close $f;
            unlink "churn/" . (($n + 7) % 40); rename "churn/" . (($n + 3) % 40), "churn/r$n";
            rmdir "churn/d$n" or mkdir "churn/d$n";
        }' &
    local writer=$!
    work_plan 'echo x >new'
    "$KELP" run --yes --quiet ../plan.yaml >../said 2>&1
    local status=$?
    : >../stop
    wait $writer
    case $status in
    0) is "new" x "$(cat new)" ;;
    *) has ../said 'changed while|cannot back up' && has ../said '^hint: ' ;;
    esac
    sound
    rm -rf churn
    rm -f new
    git reset -q --hard
    lands
}

# A sparse file of a terabyte costs nothing to make, and must cost nothing to leave out.
test_huge_files() {
    new_repo
    truncate -s 1T huge 2>/dev/null || truncate -s 15G huge
    work_plan 'echo x >new; truncate -s 200G sparse 2>/dev/null; rm sparse'
    exits 2 timeout 60 "$KELP" run ../plan.yaml
    has err 'nobody is there to confirm'
    echo huge >.gitignore
    lands
    is "new" x "$(cat new)"
}
