from django.core.management.base import BaseCommand

from ordering import handling
from ordering.demo import CAST, CUSTOMERS, ORDERS, PASSWORD, Person, Script
from ordering.domain.refusal import Refused
from ordering.handling import Caller
from ordering.models import Agent, Customer


class Command(BaseCommand):
    help = "Make the demo's customers, agents and orders, by sending commands. Safe to repeat."

    def handle(self, **options):
        customers = {
            code: Customer.objects.get_or_create(code=code, defaults={"name": name})[0]
            for code, name in CUSTOMERS.items()
        }
        agents = {person.username: self.agent(person, customers) for person in CAST}
        new = sum(self.play(number, script, agents) for number, script in enumerate(ORDERS, 1))
        self.stdout.write(f"Demo orders: {new} made, {len(ORDERS) - new} kept.")

    def agent(self, person: Person, customers: dict[str, Customer]) -> Agent:
        staff = person.customer is None
        agent, made = Agent.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.username.capitalize(),
                "email": person.email,
                "customer": customers.get(person.customer),
                "is_staff": staff,
                "is_superuser": staff,
            },
        )
        if made:
            agent.set_password(PASSWORD)
            agent.save()
        return agent

    def play(self, number: int, script: Script, agents: dict[str, Agent]) -> bool:
        """Send the order's commands; whether the order is new."""
        opened = handling.open_order(
            Caller(agents[script.opened_by], "console", "seed_demo"),
            key=f"demo-{number}",
            reference=script.reference,
        )
        for step, (who, send) in enumerate(script.steps, 1):
            try:
                send(
                    Caller(agents[who], "console", "seed_demo"),
                    opened.stream_id,
                    key=f"demo-{number}-{step}",
                )
            except Refused as refused:
                # Someone has worked on the order before its script was played to the end.
                self.stderr.write(f"Order {number} of the demo was left as it is: {refused}")
                break
        return not opened.replayed
