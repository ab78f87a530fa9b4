// Package config is what the daemon is told: settings from one YAML file, from the
// environment and from flags, the later over the earlier, and for each where its value
// comes from.
//
// A setting is a field of Config with tags: its key in the file, its default, its flag
// and its help. The name in the environment is TRIPLINE_ and the path, so that
// listen.address is TRIPLINE_LISTEN_ADDRESS. Every setting has a default, so that no
// file is needed. Secrets are never values, but the paths of files.
//
// Paths in the file are relative to its folder, all others to the folder of the
// process. All mistakes of a file are told at once, each with its line and column.
// Nothing is kept open; reading costs the size of the file.
package config

import "time"

// Config is the settings. Its zero value is not good: Load fills in the defaults.
type Config struct {
	Data string `key:"data" default:"" flag:"data" path:"yes" help:"the folder that all is kept in"`
	Host string `key:"host" default:"" help:"the name of this host, in what is sent to others"`

	Rules      []string          `key:"rules" default:"builtin" flag:"rules" short:"r" path:"rules" help:"rule files, exceptions, and folders of them; builtin: all built-in rules"`
	ValueLists map[string]string `key:"value_lists" path:"yes" help:"files of values, one a line, by the id of the value list that exceptions name"`
	Reload     bool              `key:"reload" default:"true" help:"take changed rules in without a restart"`

	Listen   Listen   `key:"listen"`
	Sources  Sources  `key:"sources"`
	Stream   Stream   `key:"stream"`
	Schedule Schedule `key:"schedule"`
	Store    Store    `key:"store"`
	Memory   Bytes    `key:"memory" default:"512MiB" flag:"memory" help:"what unfinished sequences may take; the oldest are dropped, and counted, beyond it"`
	Sinks    []Sink   `key:"sinks"`
	Log      Log      `key:"log"`
}

// Listen is where others reach the daemon.
type Listen struct {
	Socket  string        `key:"socket" default:"" flag:"socket" path:"off" help:"a Unix socket, which needs no key; off: none"`
	Address string        `key:"address" default:"" flag:"listen" help:"host:port of a TCP address, which needs keys"`
	Prefix  string        `key:"prefix" default:"" help:"what stands before all paths, such as /es"`
	TLS     ServerTLS     `key:"tls"`
	Hold    time.Duration `key:"hold" default:"10s" help:"how long a request waits for room before it is refused"`
	MaxBody Bytes         `key:"max_body" default:"100MiB" help:"the longest request, also when it is unpacked"`
}

// ServerTLS are the files of the daemon's certificate.
type ServerTLS struct {
	Cert string `key:"cert" default:"" flag:"tls-cert" path:"yes" help:"the certificate's file; needed for an address beyond this host"`
	Key  string `key:"key" default:"" flag:"tls-key" path:"yes" secret:"yes" help:"the file of its key"`
}

// Sources are where events come from, besides those who send them.
type Sources struct {
	Follow   []Follow `key:"follow" flag:"follow" item:"paths"`
	Journald Journald `key:"journald"`
	Stdin    bool     `key:"stdin" default:"false" flag:"stdin" help:"read NDJSON from standard input"`
}

// Follow is files that grow.
type Follow struct {
	Name  string   `key:"name" default:"follow" help:"by which the positions are kept"`
	Paths []string `key:"paths" need:"yes" path:"yes" help:"files, patterns, and folders with all below them"`
	From  string   `key:"from" default:"start" choice:"start now" help:"what is read when the source is used for the first time"`
}

// Journald is systemd's journal.
type Journald struct {
	Enabled bool     `key:"enabled" default:"false" flag:"journald" help:"read systemd's journal"`
	From    string   `key:"from" default:"now" choice:"start now" help:"what is read when the source is used for the first time"`
	Matches []string `key:"matches" help:"arguments of journalctl that narrow what is read, such as _SYSTEMD_UNIT=ssh.service"`
}

// Stream is judging events as they arrive.
type Stream struct {
	Enabled  bool          `key:"enabled" default:"true" flag:"stream" help:"judge each event on arrival"`
	Lateness time.Duration `key:"lateness" default:"1m" help:"how late an event may come and still be put in order"`
	Hold     bool          `key:"hold" default:"false" help:"keep a match back until nothing late can change it"`
}

// Schedule is judging what is stored, when rules say so.
type Schedule struct {
	Enabled bool   `key:"enabled" default:"true" flag:"schedule" help:"run rules on their schedule over what is stored"`
	Compat  string `key:"compat" default:"tripline" flag:"compat" choice:"tripline elastic" help:"elastic: as Elastic does, edges and losses included"`
}

// Store is how long events are kept.
type Store struct {
	KeepAge  time.Duration `key:"keep_age" default:"30d" help:"events that arrived longer ago are let go; 0: never"`
	KeepSize Bytes         `key:"keep_size" default:"20GiB" help:"the oldest events are let go beyond it; 0: never"`
	Dedupe   time.Duration `key:"dedupe" default:"24h" help:"how long an event's id is known again"`
}

// Log is what the daemon says of itself.
type Log struct {
	Level  string `key:"level" default:"info" flag:"log-level" choice:"debug info warn error" help:"what is worth saying"`
	Format string `key:"format" default:"auto" flag:"log-format" choice:"auto text json" help:"auto: text on a terminal, else json"`
}

// Bytes is a size.
type Bytes int64

// Builtin is the word in Rules for the built-in rules.
const Builtin = "builtin"

// Off is the word for a socket that is not wanted.
const Off = "off"
