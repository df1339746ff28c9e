"""What the store does when what it runs on is killed, cut, frozen and filled, under load: `make storm`.

Real servers, thrown away afterwards: PostgreSQL or MariaDB, Redis, gunicorn with our own configuration and the loop of
sweeps. Clients fill carts, order, pay in, carry and hand over, each form with its key, and send a form again whose
answer was lost, as a page would. One trouble at a time; then the database is counted: what was acknowledged must be
there, once.
"""
