/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0

   Stands in front of adjtimex(2): the kernel believes its clock if, and as long as, the file exists
   that SYNCHRONISED names. */

#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

int adjtimex(struct timex *query)
{
    const char *mark = getenv("SYNCHRONISED");
    int believed = mark && access(mark, F_OK) == 0;
    memset(query, 0, sizeof *query);
    query->status = believed ? 0 : STA_UNSYNC;
    return believed ? TIME_OK : TIME_ERROR;
}
