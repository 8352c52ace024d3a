// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs before the page is drawn, so that a chosen theme shows from the first frame.
const chosen = localStorage.getItem("theme");
if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
