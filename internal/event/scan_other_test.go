//go:build !amd64 || purego

package event

// stages are the first stages that this machine can run.
func stages() map[string]func(*index, []byte) bool {
	return map[string]func(*index, []byte) bool{"plain": (*index).buildPlain}
}
