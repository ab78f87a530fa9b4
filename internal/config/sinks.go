package config

import (
	"reflect"
	"strings"
	"time"
)

// Sink is where alerts go, or events. A kind has its own settings beside the common
// ones; the tag kinds names those that a setting belongs to.
type Sink struct {
	Name string `key:"name" default:"" help:"by which it is known, and how far it has come is kept"`
	Kind string `key:"kind" need:"yes" choice:"terminal file syslog journald webhook forward" help:"what it is"`

	Severity string `key:"severity" default:"low" choice:"low medium high critical" help:"only alerts of this severity or above"`
	Blocks   bool   `key:"blocks" default:"false" help:"the building blocks of alerts too"`
	From     string `key:"from" default:"now" choice:"start now" help:"start: a sink that is new gets the alerts that are stored already"`

	Format string `key:"format" kinds:"terminal" default:"auto" choice:"auto pretty ndjson" help:"auto: pretty on a terminal, else ndjson"`

	Path    string `key:"path" kinds:"file" path:"yes" need:"yes" help:"the file that alerts are appended to, as NDJSON"`
	MaxSize Bytes  `key:"max_size" kinds:"file" default:"100MiB" help:"it is moved away before it grows beyond this; 0: never"`
	Keep    int    `key:"keep" kinds:"file" default:"5" help:"how many moved files are kept"`

	Network  string `key:"network" kinds:"syslog" default:"unix" choice:"unix udp tcp tls" help:"how syslog is reached"`
	Address  string `key:"address" kinds:"syslog" default:"" help:"host:port, or a socket (default: /dev/log)"`
	Facility string `key:"facility" kinds:"syslog" default:"authpriv" help:"the facility's name"`
	Socket   string `key:"socket" kinds:"journald" default:"/run/systemd/journal/socket" path:"yes" help:"the journal's socket"`
	JSON     bool   `key:"json" kinds:"syslog journald" default:"false" help:"the alert's document too"`

	URL          string            `key:"url" kinds:"webhook" need:"yes" help:"where alerts are posted to"`
	Method       string            `key:"method" kinds:"webhook" default:"POST" choice:"POST PUT PATCH" help:"the request's method"`
	Template     string            `key:"template" kinds:"webhook" default:"" help:"a Mustache template of the body, with Kibana's variables (default: the alert's document)"`
	TemplateFile string            `key:"template_file" kinds:"webhook" default:"" path:"yes" help:"the same from a file"`
	ContentType  string            `key:"content_type" kinds:"webhook" default:"application/json" help:"the body's type"`
	Headers      map[string]string `key:"headers" kinds:"webhook" help:"headers that are no secret"`
	HeaderFiles  map[string]string `key:"header_files" kinds:"webhook" path:"yes" secret:"yes" help:"headers whose values stand in files"`
	SecretFile   string            `key:"secret_file" kinds:"webhook" default:"" path:"yes" secret:"yes" help:"the key that bodies are signed with (Standard Webhooks)"`
	Parallel     int               `key:"parallel" kinds:"webhook" default:"4" help:"requests at once"`

	URLs         []string `key:"urls" kinds:"forward" need:"yes" help:"addresses of one Tripline, OpenSearch or Elasticsearch; the next is tried when one is down"`
	Index        string   `key:"index" kinds:"forward" default:".alerts-security.alerts-default" help:"where alerts go"`
	KeyFile      string   `key:"key_file" kinds:"forward" default:"" path:"yes" secret:"yes" help:"the API key, id:secret or its base64"`
	UserFile     string   `key:"user_file" kinds:"forward" default:"" path:"yes" secret:"yes" help:"user:password"`
	Gzip         bool     `key:"gzip" kinds:"forward" default:"true" help:"compress requests"`
	MaxBytes     Bytes    `key:"max_bytes" kinds:"forward" default:"5MiB" help:"of a request, before it is compressed"`
	RequireAlias bool     `key:"require_alias" kinds:"forward" default:"false" help:"refuse to make an index where the alias of alerts is missing"`
	Alerts       bool     `key:"alerts" kinds:"forward" default:"true" help:"send alerts"`
	Events       []string `key:"events" kinds:"forward" help:"send the events of these data streams too, into data streams of the same names"`

	Timeout time.Duration `key:"timeout" kinds:"webhook forward syslog" default:"30s" help:"of a request"`
	TLS     ClientTLS     `key:"tls" kinds:"webhook forward syslog"`
}

// ClientTLS are the files of a connection to somebody else.
type ClientTLS struct {
	CA         string `key:"ca" default:"" path:"yes" help:"the authorities that are believed (default: the system's)"`
	Cert       string `key:"cert" default:"" path:"yes" help:"a certificate of our own"`
	Key        string `key:"key" default:"" path:"yes" secret:"yes" help:"the file of its key"`
	ServerName string `key:"server_name" default:"" help:"what the other's certificate must name (default: as addressed)"`
}

// sinkKinds are the kinds that there are.
func sinkKinds() []string {
	kind, _ := reflect.TypeFor[Sink]().FieldByName("Kind")
	return strings.Fields(kind.Tag.Get("choice"))
}

// defaultSinks are those of a daemon that is told of none.
func defaultSinks() []Sink {
	return []Sink{{Name: "terminal", Kind: "terminal"}}
}
