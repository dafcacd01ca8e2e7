package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Aside runs this program again, with these arguments, in a user, network and mount
// namespace of its own, and returns its exit code. There it may lose packets and
// mount disks without a privilege, and no one else notices. The error says that
// this machine does not allow it; nothing has run then.
func Aside(ctx context.Context, args []string) (exit int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), AsideEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL, // its nodes leave when it is gone
		// A terminal's Ctrl-C reaches this program alone, which passes it on: the second of
		// two would end the other before it has cleared away.
		Setpgid: true,
	}
	// The signal comes when the thread ends that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("namespaces: %w", err)
	}
	err = cmd.Wait()
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	return 0, err
}

// mountSmall mounts an empty disk of so many bytes over a folder.
func mountSmall(dir string, bytes int) (unmount func() error, err error) {
	if err := unix.Mount("none", dir, "tmpfs", 0, "mode=700,size="+strconv.Itoa(bytes)); err != nil {
		return nil, fmt.Errorf("a small disk: %w", err)
	}
	return func() error { return unix.Unmount(dir, unix.MNT_DETACH) }, nil
}
