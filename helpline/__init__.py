"""An SMS and USSD helpline: from a dialled code to a callback that a protection desk closes."""
