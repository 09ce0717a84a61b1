/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the configuration whose keys are names of the user's own. */
#ifndef KELP_PLAN_CONFIG_MAPS_H
#define KELP_PLAN_CONFIG_MAPS_H

#include "plan/config.h"
#include "plan/field.h"

/* Slots: struct config_drivers, struct config_prices. */
field_read field_drivers;
field_read field_prices;

#endif
