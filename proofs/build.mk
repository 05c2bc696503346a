# SPDX-License-Identifier: MIT
# Proofs by CBMC: docs/proofs.md. PROVE= names some, QUICK=1 takes the short ones.
# proofs-reach: whether anything comes to what they assert.

.PHONY: proofs proofs-reach
proofs:
	@O=$(O) proofs/run $(if $(QUICK),--quick) $(PROVE)
proofs-reach:
	@O=$(O) proofs/run --reach $(if $(QUICK),--quick) $(PROVE)
