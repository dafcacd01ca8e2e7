package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
)

// singlePath is where the page is as one file.
const singlePath = "/check.html"

// single is the page as one file, which checks proofs when it is opened from a disk.
// Its script and style stand in it, and its policy names them by their hashes and
// allows nothing else, so that it can ask no server anything.
func single(page fs.FS) ([]byte, error) {
	html, err := fs.ReadFile(page, "index.html")
	if err != nil {
		return nil, err
	}
	put := func(file, end, from, format string) (string, error) {
		b, err := fs.ReadFile(page, file)
		if err != nil {
			return "", err
		}
		if bytes.Contains(bytes.ToLower(b), []byte(end)) || bytes.Count(html, []byte(from)) != 1 {
			return "", fmt.Errorf("%s: cannot stand in the page", file)
		}
		html = bytes.Replace(html, []byte(from), fmt.Appendf(nil, format, b), 1)
		sum := sha256.Sum256(b)
		return base64.StdEncoding.EncodeToString(sum[:]), nil
	}
	style, err := put("page.css", "</style", `<link rel="stylesheet" href="page.css">`, "<style>%s</style>")
	if err != nil {
		return nil, err
	}
	const deferred = `<script defer src="page.js"></script>` // it runs once the body is there
	if bytes.Count(html, []byte(deferred)) != 1 {
		return nil, fmt.Errorf("index.html: has no %s", deferred)
	}
	html = bytes.Replace(html, []byte(deferred), nil, 1)
	script, err := put("page.js", "</script", "</body>", "<script>%s</script></body>")
	if err != nil {
		return nil, err
	}
	policy := fmt.Sprintf(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; `+
		`style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'">`, style, script)
	const first = `<meta charset="utf-8">` // a policy rules what stands behind it
	if bytes.Count(html, []byte(first)) != 1 {
		return nil, fmt.Errorf("index.html: has no %s", first)
	}
	return bytes.Replace(html, []byte(first), []byte(first+policy), 1), nil
}
