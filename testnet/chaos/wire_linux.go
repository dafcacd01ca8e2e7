package chaos

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// wire is a network in which packets can be lost. Each host is a network
// namespace with a TUN device, and what a host sends comes by here, where it is
// handed on, held back or dropped. TCP is the kernel's own on both ends, with all
// that it does when nothing comes back. Host 0 is this process.
type wire struct {
	hosts []host
	links [][]link // from, to
	ended chan struct{}
}

type host struct {
	address netip.Addr
	space   *os.File // its namespace
	device  *os.File // what it sends is read here, and what it gets written
}

// link is one direction between two hosts.
type link struct {
	state *atomic.Pointer[Link]
	late  chan packet // held back, in order
}

type packet struct {
	due  time.Time
	data []byte
}

const (
	// wireMTU is Ethernet's: what is lost is as much as really is.
	wireMTU = 1500
	// wireHeld is how many packets a link holds back; further ones are lost, as in
	// a router whose queue is full.
	wireHeld = 4096
)

var wireNet = netip.MustParsePrefix("10.77.0.0/24")

// hostAddress is the address of a host, of which there are few.
func hostAddress(i int) netip.Addr {
	a := wireNet.Addr().As4()
	a[3] = byte(1 + i)
	return netip.AddrFrom4(a)
}

// newWire makes a network of so many hosts beside this process, which has to be in a
// network namespace of its own.
func newWire(count int) (w *wire, err error) {
	w = &wire{ended: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.end())
		}
	}()
	for i := range count + 1 {
		h := host{address: hostAddress(i)}
		if err := apart(i > 0, h.open); err != nil {
			return w, fmt.Errorf("a host's namespace: %w", err)
		}
		w.hosts = append(w.hosts, h)
	}
	for range w.hosts {
		var row []link
		for range w.hosts {
			l := link{new(atomic.Pointer[Link]), make(chan packet, wireHeld)}
			l.state.Store(new(Link))
			row = append(row, l)
		}
		w.links = append(w.links, row)
	}
	for from := range w.hosts {
		go w.carry(from)
		for to := range w.hosts {
			go w.deliver(w.links[from][to].late, to)
		}
	}
	return w, nil
}

// apart runs do in a thread that ends with it, in a network namespace of its own if
// fresh.
func apart(fresh bool, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: no one else may run in that namespace
		if fresh {
			if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
				done <- err
				return
			}
		}
		done <- do()
	}()
	return <-done
}

// open makes the device in the thread's namespace.
func (h *host) open() error {
	var err error
	if h.space, err = os.Open("/proc/thread-self/ns/net"); err != nil {
		return err
	}
	// It is attached before Go's poller sees it, which would find it broken.
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("/dev/net/tun: %w", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return errors.Join(err, unix.Close(fd))
	}
	defer unix.Close(socket)
	err = set(fd, unix.TUNSETIFF, "hb0", func(r *unix.Ifreq) { r.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI) })
	h.device = os.NewFile(uintptr(fd), "hb0")
	if err != nil {
		return err
	}
	up := func(r *unix.Ifreq) { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING) }
	for _, s := range []struct {
		request uint
		device  string
		value   func(*unix.Ifreq)
	}{
		{unix.SIOCSIFFLAGS, "lo", up},
		{unix.SIOCSIFADDR, "hb0", func(r *unix.Ifreq) { _ = r.SetInet4Addr(h.address.AsSlice()) }},
		{unix.SIOCSIFNETMASK, "hb0", func(r *unix.Ifreq) { _ = r.SetInet4Addr([]byte{255, 255, 255, 0}) }},
		{unix.SIOCSIFMTU, "hb0", func(r *unix.Ifreq) { r.SetUint32(wireMTU) }},
		{unix.SIOCSIFFLAGS, "hb0", up},
	} {
		if err := set(socket, s.request, s.device, s.value); err != nil {
			return err
		}
	}
	return nil
}

func set(fd int, request uint, device string, value func(*unix.Ifreq)) error {
	r, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	value(r)
	return unix.IoctlIfreq(fd, request, r)
}

// start starts a process on a host.
func (w *wire) start(host int, cmd *exec.Cmd) error {
	return apart(false, func() error {
		if err := unix.Setns(int(w.hosts[host].space.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		return cmd.Start()
	})
}

// carry takes what a host sends.
func (w *wire) carry(from int) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := w.hosts[from].device.Read(buffer)
		if err != nil {
			return // the device is closed
		}
		data := buffer[:n]
		if n < 20 || data[0]>>4 != 4 {
			continue // IPv6, which no one here speaks
		}
		to := int(data[19]) - 1
		if binary.BigEndian.Uint32(data[16:])&^0xff != binary.BigEndian.Uint32(wireNet.Addr().AsSlice()) ||
			to < 0 || to >= len(w.hosts) {
			continue
		}
		l := w.links[from][to]
		state := l.state.Load()
		switch {
		case state.Lost > 0 && rand.Float64() < state.Lost:
		case state.Delay == 0 && len(l.late) == 0:
			_, _ = w.hosts[to].device.Write(data) // a full queue loses it
		default:
			after := state.Delay - state.Jitter + rand.N(2*state.Jitter+1)
			select {
			case l.late <- packet{time.Now().Add(after), append([]byte(nil), data...)}:
			default:
			}
		}
	}
}

// deliver hands on what was held back. Packets stay in order, as they mostly do.
func (w *wire) deliver(late <-chan packet, to int) {
	for {
		select {
		case p := <-late:
			time.Sleep(time.Until(p.due))
			_, _ = w.hosts[to].device.Write(p.data)
		case <-w.ended:
			return
		}
	}
}

// set changes what happens to packets from one node to another.
func (w *wire) set(from, to int, l Link) { w.links[from][to].state.Store(&l) }

// between changes every direction between two different nodes.
func (w *wire) between(change func(from, to int) Link) {
	for from := 1; from < len(w.hosts); from++ {
		for to := 1; to < len(w.hosts); to++ {
			if from != to {
				w.set(from, to, change(from, to))
			}
		}
	}
}

func (w *wire) addresses() (list []string) {
	for _, h := range w.hosts[1:] {
		list = append(list, h.address.String())
	}
	return list
}

func (w *wire) end() (err error) {
	close(w.ended)
	for _, h := range w.hosts {
		err = errors.Join(err, h.device.Close(), h.space.Close())
	}
	return err
}
