// SPDX-License-Identifier: BSD-2-Clause
module example.org/signed

go 1.19
