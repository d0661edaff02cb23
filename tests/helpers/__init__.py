"""What several test modules share: points, oracles and the checks made with them."""
