"""What a case costs, measured: `make figures`."""
