/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <malloc.h> /* neither is in Swift's Glibc module */
#include <sys/timex.h>
