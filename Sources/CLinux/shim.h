/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sys/timex.h> /* not in Swift's Glibc module */
