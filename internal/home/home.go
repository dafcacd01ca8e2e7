// Package home is what every command of hongbao does with files of its own:
// where they lie, how they are written, who may use them now, and whether a
// person sits at a stream.
//
// Without other orders hongbao keeps everything below one folder:
//
//	~/.hongbao            [Default]; HONGBAO_HOME or --home name another
//	~/.hongbao/keys       what package wallet writes
//	~/.hongbao/node       the home of a node: package node
//	~/.hongbao/testnet    a network of several: package testnet
//
// [WriteFile] writes a file whole or not at all, and durably; [Remove] deletes
// one as durably. [Lock] and [TryLock] keep a second process out for as long as this one lives. The
// package knows no language, no exit code and nothing of the chain.
package home

import (
	"os"
	"path/filepath"

	"golang.org/x/term"
)

// Default is where hongbao keeps its files: $HONGBAO_HOME, else [Usual].
func Default() string {
	if dir := os.Getenv("HONGBAO_HOME"); dir != "" {
		return dir
	}
	return Usual()
}

// Usual is the folder of a user who says nothing: .hongbao in the user's home.
// It is empty where that is not known: a folder relative to the working
// directory is no place for keys.
func Usual() string {
	user, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(user, ".hongbao")
}

// IsTerminal reports whether a stream, such as os.Stdin, is a terminal: a
// person can read there, or answer.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
