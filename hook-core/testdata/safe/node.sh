#!/usr/bin/env node
const text = {{ .JsonMarshal .Summary }};
fetch("https://example.org/hook", { method: "POST", body: text });
