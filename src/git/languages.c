/* SPDX-License-Identifier: Apache-2.0 */
#include "git/languages.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

struct row {
    const char *name; /* an ending without its dot, or a whole name */
    const char *language;
};

/* Lower case; looked up without regard to case. */
static const struct row endings[] = {
    {"adb", "Ada"},
    {"ads", "Ada"},
    {"asm", "Assembly"},
    {"s", "Assembly"},
    {"awk", "Awk"},
    {"bash", "Shell"},
    {"bat", "Batch"},
    {"c", "C"},
    {"cc", "C++"},
    {"clj", "Clojure"},
    {"cmake", "CMake"},
    {"cpp", "C++"},
    {"cs", "C#"},
    {"css", "CSS"},
    {"csv", "CSV"},
    {"cxx", "C++"},
    {"d", "D"},
    {"dart", "Dart"},
    {"el", "Emacs Lisp"},
    {"erl", "Erlang"},
    {"ex", "Elixir"},
    {"exs", "Elixir"},
    {"f90", "Fortran"},
    {"for", "Fortran"},
    {"fs", "F#"},
    {"go", "Go"},
    {"gradle", "Gradle"},
    {"groovy", "Groovy"},
    {"h", "C"},
    {"hcl", "HCL"},
    {"hh", "C++"},
    {"hpp", "C++"},
    {"hrl", "Erlang"},
    {"hs", "Haskell"},
    {"htm", "HTML"},
    {"html", "HTML"},
    {"hxx", "C++"},
    {"ini", "INI"},
    {"ipynb", "Notebook"},
    {"java", "Java"},
    {"jl", "Julia"},
    {"js", "JavaScript"},
    {"json", "JSON"},
    {"jsonl", "JSON"},
    {"jsx", "JavaScript"},
    {"kt", "Kotlin"},
    {"kts", "Kotlin"},
    {"less", "CSS"},
    {"lisp", "Lisp"},
    {"lua", "Lua"},
    {"m", "Objective-C"},
    {"m4", "M4"},
    {"mjs", "JavaScript"},
    {"mk", "Make"},
    {"ml", "OCaml"},
    {"mli", "OCaml"},
    {"md", "Markdown"},
    {"mm", "Objective-C"},
    {"nim", "Nim"},
    {"nix", "Nix"},
    {"pas", "Pascal"},
    {"php", "PHP"},
    {"pl", "Perl"},
    {"pm", "Perl"},
    {"proto", "Protocol Buffers"},
    {"ps1", "PowerShell"},
    {"py", "Python"},
    {"pyi", "Python"},
    {"r", "R"},
    {"rb", "Ruby"},
    {"rs", "Rust"},
    {"rst", "reStructuredText"},
    {"sass", "CSS"},
    {"scala", "Scala"},
    {"scd", "scdoc"},
    {"scm", "Scheme"},
    {"scss", "CSS"},
    {"sh", "Shell"},
    {"sol", "Solidity"},
    {"sql", "SQL"},
    {"svelte", "Svelte"},
    {"svg", "SVG"},
    {"swift", "Swift"},
    {"tcl", "Tcl"},
    {"tex", "TeX"},
    {"tf", "HCL"},
    {"toml", "TOML"},
    {"ts", "TypeScript"},
    {"tsx", "TypeScript"},
    {"txt", "Text"},
    {"v", "Verilog"},
    {"vb", "Visual Basic"},
    {"vhd", "VHDL"},
    {"vim", "Vim script"},
    {"vue", "Vue"},
    {"xml", "XML"},
    {"yaml", "YAML"},
    {"yml", "YAML"},
    {"zig", "Zig"},
    {"zsh", "Shell"},
};

static const struct row names[] = {
    {"cmakelists.txt", "CMake"}, {"configure.ac", "M4"},   {"dockerfile", "Dockerfile"},
    {"gemfile", "Ruby"},         {"gnumakefile", "Make"},  {"jenkinsfile", "Groovy"},
    {"makefile", "Make"},        {"meson.build", "Meson"}, {"meson_options.txt", "Meson"},
    {"rakefile", "Ruby"},
};

static const char *look_up(const struct row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (text_same_nocase(rows[i].name, name))
            return rows[i].language;
    return NULL;
}

const char *language_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    const char *language = look_up(names, COUNT_OF(names), name);
    if (!language && dot && dot > name)
        language = look_up(endings, COUNT_OF(endings), dot + 1);
    return language ? language : "Other";
}
