# SPDX-License-Identifier: MIT
# Proofs by CBMC: docs/proofs.md. PROVE= names some, QUICK=1 takes the short ones.

.PHONY: proofs
proofs:
	@O=$(O) proofs/run $(if $(QUICK),--quick) $(PROVE)
