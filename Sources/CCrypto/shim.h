/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* SHA-256 as OpenSSL 1.1.1 has it. What OpenSSL 3 recommends instead first asks its providers, which
   reads 2 MB of libcrypto into memory, and stays there, to find the same function. */
#define OPENSSL_API_COMPAT 10101
#include <openssl/crypto.h> /* OpenSSL_version */
#include <openssl/sha.h>
