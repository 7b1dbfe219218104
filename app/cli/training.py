"""The commands that start a round and show how it goes."""

import os
from typing import Annotated, cast

import typer

from app.cli.following import follow
from app.cli.greeting import refuse_beyond_loopback
from app.cli.options import DataOption, HostOption, WaitOption, console
from app.cli.processes import tensorboard_command
from app.cli.workspace import open_database, settings_for
from app.services import round_starting
from app.services.round_options import RoundOptions, Strength
from ml.config import Draw, LossName
from ml.presets import NETWORKS, PRESETS

PresetOption = Annotated[str, typer.Option(help=f"What is trained, and how: {', '.join(PRESETS)}.")]
DrawOption = Annotated[
    list[str] | None,
    typer.Option(
        help="How pictures are drawn; all but random need a hard group. Given several times, each "
        "makes a model of its own."
    ),
]
HardTagOption = Annotated[
    list[str] | None, typer.Option(help="A tag of the hard group; can be given several times.")
]
FactorOption = Annotated[
    int | None, typer.Option(help="How often the hard group is drawn through besides.")
]
MinorityOption = Annotated[
    float | None, typer.Option(help="From 0 to draw pictures alike to 1 for strata alike.")
]
NetworkOption = Annotated[
    str | None, typer.Option(help=f"Another network than the preset's: {', '.join(NETWORKS)}.")
]
LossOption = Annotated[
    list[str] | None, typer.Option(help="What is made small; several are added up.")
]
ContourOption = Annotated[
    bool | None, typer.Option(help="Weigh errors along the edge more, or not.")
]
WeightOption = Annotated[float | None, typer.Option(help="How much more; turns it on.")]
AugmentationOption = Annotated[
    str | None, typer.Option(help="How far pictures are changed at random: weak, strong.")
]
TransferOption = Annotated[
    bool | None, typer.Option(help="Lend pictures the light of other sources, or not.")
]
ScratchOption = Annotated[
    bool, typer.Option("--from-scratch", help="Do not go on from the preset's last model.")
]
BeginOption = Annotated[int | None, typer.Option(help="The number of the model to begin with.")]
SeedOption = Annotated[int | None, typer.Option(help="Of everything that is random.")]


def train(
    data: DataOption = None,
    preset: PresetOption = "tiny",
    draw: DrawOption = None,
    hard_tag: HardTagOption = None,
    sample_factor: FactorOption = None,
    minority: MinorityOption = None,
    network: NetworkOption = None,
    loss: LossOption = None,
    contour: ContourOption = None,
    contour_weight: WeightOption = None,
    augmentation: AugmentationOption = None,
    transfer: TransferOption = None,
    from_scratch: ScratchOption = False,
    begin_with: BeginOption = None,
    seed: SeedOption = None,
    wait: WaitOption = False,
) -> None:
    """Start a round: train on the labels that are there, then predict.

    What is not named is as the preset has it.
    """
    options = RoundOptions(
        draws=cast("tuple[Draw, ...]", tuple(draw or ())),  # others are refused with a sentence
        sample_factor=sample_factor,
        hard_tags=tuple(hard_tag or ()),
        minority=minority,
        network=network,
        losses=tuple(cast(list[LossName], loss or [])),
        contour=contour,
        contour_weight=contour_weight,
        augmentation=cast(Strength | None, augmentation),
        transfer=transfer,
        start_model_id=begin_with,
        from_scratch=from_scratch,
        seed=seed,
    )
    database = open_database(settings_for(data))
    with database.transaction() as session:
        round_ = round_starting.start_round(session, preset=preset, person_id=None, options=options)
        number, job_id = round_.number, round_.job_id
    console.print(f"Round {number} has begun as job {job_id}.")
    if wait and not follow(console, database, job_id):
        raise typer.Exit(1)


def tensorboard(
    data: DataOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.")] = 6006,
) -> None:
    """Show the curves of all rounds in TensorBoard."""
    refuse_beyond_loopback(host)
    settings = settings_for(data)
    open_database(settings).close()
    command = tensorboard_command(host, port)
    os.execve(command[0], command, {**os.environ, "MOTHMASK_DATA": str(settings.data.absolute())})
