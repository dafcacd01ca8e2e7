package cli

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// readHidden reads a line that a person types, and shows nothing of it. The end
// of the input (Ctrl-D) before the first letter is io.EOF. term.ReadPassword
// would wait on: it takes the empty read for none (golang.org/x/term v0.45.0,
// readPasswordLine).
func readHidden(fd int) (line []byte, err error) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	hidden.Lflag |= unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return nil, err
	}
	defer unix.IoctlSetTermios(fd, setTermios, before)
	for letter := make([]byte, 1); ; {
		n, err := unix.Read(fd, letter)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n == 0 && len(line) == 0:
			return nil, io.EOF
		case n == 0 || letter[0] == '\n':
			return line, nil
		case len(line) <= maxPassphrase: // more is refused, whatever it is
			line = append(line, letter[0])
		}
	}
}
