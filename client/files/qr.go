package files

import (
	"rsc.io/qr"
)

// QR is the link as a QR code: a PNG of black and white, with a white border, of 8 pixels
// a module. It corrects errors in 15 % of the code (level M), and where a link is too long
// for that in 7 % (L); a link that is too long for any QR code, above 2,953 characters, is
// none that String makes.
func (l *Link) QR() ([]byte, error) {
	text := l.String()
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		code, err = qr.Encode(text, qr.L)
	}
	if err != nil {
		return nil, err
	}
	return code.PNG(), nil
}
