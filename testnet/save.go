package testnet

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hongbao/contract"
	"hongbao/internal/home"
	"hongbao/node"
)

// A saved network is one file:
//
//	hongbao-testnet-save/1       a line, the file's format
//	…                            a tar of the network's folder, by gzip
//	32 bytes                     SHA-256 of all that is before them
//
// Restore reads the hash first: of a file that was cut or altered not a byte is used.
const (
	saveKind   = "hongbao-testnet-save/"
	saveFormat = saveKind + "1\n"

	// maxSavedBytes and maxSavedFiles bound what a file may unfold to: more than a
	// month of 16 validators at rest, and less than a disk.
	maxSavedBytes = 64 << 30
	maxSavedFiles = 100_000
)

// Saved says what was saved or restored.
type Saved struct {
	Dir     string // of the network, absolute
	ChainID string
	Nodes   int   // validators
	Bytes   int64 // of the file
}

// Save writes the network of a folder to one file: keys, settings, blocks, ledgers
// and logs of all nodes, so that it goes on elsewhere where it stopped here. The
// file is there whole or not at all, and its owner's alone: it holds every
// validator's keys. A network that runs is refused with ErrRunning, or with the
// [node.Error] of a node that does; one whose genesis is not for development with
// ErrNotDev.
func Save(ctx context.Context, dir, file string) (*Saved, error) {
	n, err := Load(dir)
	if err != nil {
		return nil, err
	}
	release, err := n.takeStopped()
	if err != nil {
		return nil, err
	}
	defer release()
	if err := n.checkDev(); err != nil {
		return nil, err
	}
	count := &counter{}
	err = home.Write(file, 0o600, func(w io.Writer) error {
		count.to = w
		return n.writeSave(ctx, count)
	})
	if err != nil {
		return nil, err
	}
	return &Saved{n.Dir, n.ChainID, len(n.Nodes), count.bytes}, nil
}

// takeStopped keeps the network and each of its nodes from being started until
// release is called.
func (n *Network) takeStopped() (release func(), err error) {
	var held []func()
	release = func() {
		for _, unlock := range held {
			unlock()
		}
	}
	unlock, err := lockDir(n.Dir)
	if err != nil {
		return nil, err
	}
	held = append(held, unlock)
	for _, m := range n.Nodes {
		unlock, err := node.Lock(m.Home)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, unlock)
	}
	return release, nil
}

// checkDev refuses a network whose money may be real.
func (n *Network) checkDev() error {
	doc, _, err := node.ReadGenesis(n.Nodes[0].Home)
	if err != nil {
		return err
	}
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return err
	}
	if !state.Dev {
		return fmt.Errorf("testnet %s: %w", n.Dir, ErrNotDev)
	}
	return nil
}

// counter counts what goes through it.
type counter struct {
	to    io.Writer
	bytes int64
}

func (c *counter) Write(b []byte) (int, error) {
	k, err := c.to.Write(b)
	c.bytes += int64(k)
	return k, err
}

func (n *Network) writeSave(ctx context.Context, w io.Writer) error {
	sum := sha256.New()
	body := io.MultiWriter(w, sum)
	if _, err := io.WriteString(body, saveFormat); err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(body, gzip.BestSpeed)
	if err != nil {
		return err
	}
	p := packer{ctx: ctx, root: n.Dir, tar: tar.NewWriter(z)}
	parts := []string{stateFile, trustFile}
	for _, m := range n.Nodes {
		parts = append(parts, filepath.Base(m.Home))
	}
	for _, part := range parts {
		if err := filepath.WalkDir(filepath.Join(n.Dir, part), p.pack); err != nil {
			return err
		}
	}
	if err := errors.Join(p.tar.Close(), z.Close()); err != nil {
		return err
	}
	_, err = w.Write(sum.Sum(nil))
	return err
}

// packer puts the files below root into a tar.
type packer struct {
	ctx   context.Context
	root  string
	tar   *tar.Writer
	bound bound
}

// bound counts what a saved network holds.
type bound struct {
	files int
	bytes int64
}

// add is ErrSaveTooLarge when a file of size is more than may be.
func (b *bound) add(size int64) error {
	b.files++
	if b.files > maxSavedFiles || size < 0 || size > maxSavedBytes-b.bytes {
		return ErrSaveTooLarge
	}
	b.bytes += size
	return nil
}

// pack is an [fs.WalkDirFunc].
func (p *packer) pack(path string, d fs.DirEntry, err error) error {
	if err == nil {
		err = p.ctx.Err()
	}
	if err != nil {
		return err
	}
	name, err := filepath.Rel(p.root, path)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.ToSlash(name), Typeflag: tar.TypeDir}
	if d.IsDir() {
		return errors.Join(p.bound.add(0), p.tar.WriteHeader(header))
	}
	if !d.Type().IsRegular() {
		return fmt.Errorf("%s: neither a file nor a folder", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := p.bound.add(header.Size); err != nil {
		return fmt.Errorf("testnet %s: %w", p.root, err)
	}
	if err := p.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(p.tar, f)
	return err
}

// Restore makes the network that Save wrote to a file, in dir, which must be absent
// or empty; with reset it may hold a network that does not run, which is then
// forgotten. Its nodes get ports that are free here. The folder appears whole or
// not at all, and dir stays as it was when the file is refused: with ErrBadSave,
// ErrSaveVersion, ErrSaveTooLarge, or [node.ErrOtherRules].
func Restore(ctx context.Context, file, dir string, reset bool) (*Saved, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, size, err := checkSave(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := checkPlace(dir, reset); err != nil {
		return nil, err
	}
	err = inPlace(dir, func(work string) error {
		if err := unpack(ctx, body, work); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := settleIn(work); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if reset {
			return Reset(dir)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	n, err := Load(dir)
	if err != nil {
		return nil, err
	}
	return &Saved{n.Dir, n.ChainID, len(n.Nodes), size}, nil
}

// checkSave compares the file with its own hash, and returns what is between its
// first line and that hash, and how long the file is.
func checkSave(f *os.File) (body io.Reader, size int64, err error) {
	head := make([]byte, len(saveFormat))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != saveFormat {
		if err == nil && strings.HasPrefix(string(head), saveKind) {
			return nil, 0, ErrSaveVersion
		}
		return nil, 0, ErrBadSave
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	size = info.Size()
	end := size - sha256.Size
	if end < int64(len(head)) {
		return nil, 0, fmt.Errorf("%w: it was cut or altered", ErrBadSave)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, end)); err != nil {
		return nil, 0, err
	}
	want := make([]byte, sha256.Size)
	if _, err := f.ReadAt(want, end); err != nil {
		return nil, 0, err
	}
	if !bytes.Equal(want, sum.Sum(nil)) {
		return nil, 0, fmt.Errorf("%w: it was cut or altered", ErrBadSave)
	}
	return io.NewSectionReader(f, int64(len(head)), end-int64(len(head))), size, nil
}

// checkPlace refuses a folder that holds anything; with reset, one that holds other
// things than a network's, or a network that runs.
func checkPlace(dir string, reset bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	} else if err != nil {
		return err
	}
	s, err := readState(dir)
	if errors.Is(err, ErrNotThere) {
		return fmt.Errorf("testnet %s: %w", dir, ErrNotEmpty)
	} else if err != nil {
		return err
	}
	if !reset {
		return fmt.Errorf("testnet %s: %w", dir, ErrExists)
	}
	own := slices.Clone(ownFiles)
	for _, m := range s.Nodes {
		own = append(own, m.Home)
	}
	for _, e := range entries {
		if !slices.Contains(own, e.Name()) {
			return fmt.Errorf("testnet %s: %w", dir, ErrNotEmpty)
		}
	}
	unlock, err := lockDir(dir)
	if err == nil {
		unlock()
	}
	return err
}

// unpack writes what a tar holds below dir. It refuses what Save does not write:
// the file may come from a stranger.
func unpack(ctx context.Context, body io.Reader, dir string) error {
	z, err := gzip.NewReader(body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSave, err)
	}
	archive, held := tar.NewReader(z), bound{}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrBadSave, err)
		}
		if err := errors.Join(ctx.Err(), held.add(header.Size)); err != nil {
			return err
		}
		name := filepath.FromSlash(header.Name)
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%w: the name %q", ErrBadSave, header.Name)
		}
		switch path := filepath.Join(dir, name); header.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o700)
		case tar.TypeReg:
			err = unpackFile(path, archive)
		default:
			err = fmt.Errorf("%w: %q is neither a file nor a folder", ErrBadSave, header.Name)
		}
		if err != nil {
			return err
		}
	}
}

func unpackFile(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSave, err)
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// settleIn makes what was unpacked a network of this machine: its state file names
// what there is, its nodes would start here, keep to their homes and to the loopback
// interface, and have free ports.
func settleIn(work string) error {
	n, err := Load(work)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSave, err)
	}
	for _, m := range n.Nodes {
		if err := node.CheckStart(m.Home, time.Now()); err != nil {
			return err
		}
		v, err := node.LoadValidator(m.Home, m.Name)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBadSave, err)
		}
		m.ID, m.Host = string(v.NodeID), loopback
		if err := n.tame(m); err != nil {
			return err
		}
	}
	return n.assignPorts(n.Nodes)
}

// tame keeps of a node's settings its own files, its pace and what it remembers. All
// that says where it listens and whom it dials is this program's: a stranger may have
// written it.
func (n *Network) tame(m *Node) error {
	theirs, settings, err := node.LoadConfig(m.Home)
	if err != nil {
		return err
	}
	for _, path := range []string{theirs.GenesisFile(), theirs.PrivValidatorKeyFile(), theirs.PrivValidatorStateFile(),
		theirs.NodeKeyFile(), theirs.DBDir(), theirs.Consensus.WalFile()} {
		if below, err := filepath.Rel(m.Home, path); err != nil || !filepath.IsLocal(below) {
			return fmt.Errorf("%w: the settings of %s name %q", ErrBadSave, m.Name, path)
		}
	}
	c := node.DefaultConfig(m.Home)
	c.BaseConfig, c.Consensus = theirs.BaseConfig, theirs.Consensus
	c.Mempool, c.Storage = theirs.Mempool, theirs.Storage
	c.PrivValidatorListenAddr = "" // the key is in the file
	c.Instrumentation.Prometheus = n.Metrics
	return node.WriteConfig(c, settings)
}
