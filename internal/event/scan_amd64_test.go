//go:build !purego

package event

// stages are the first stages that this machine can run.
func stages() map[string]func(*index, []byte) bool {
	all := map[string]func(*index, []byte) bool{"plain": (*index).buildPlain}
	if hasAVX2 {
		all["avx2"] = (*index).buildAVX2
	}
	if hasAVX512 {
		all["avx512"] = (*index).buildAVX512
	}
	return all
}
