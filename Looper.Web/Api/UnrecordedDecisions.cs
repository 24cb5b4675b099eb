using System.Diagnostics.Metrics;
using Looper.Core;

namespace Looper.Web.Api;

/// <summary>Counts decisions that were answered and could not be stored, by decision point, experiment and arm: they are no exposures, and an experiment has as many fewer.</summary>
internal sealed class UnrecordedDecisions(LooperMeter looper)
{
    private readonly Counter<long> _count = looper.Meter.CreateCounter<long>("looper.decisions.unrecorded", "{decision}", "Decisions that were answered and not stored, since start.");

    public void Count(in DecisionAnswer answer)
    {
        if (answer.IsRecorded) return;
        var (experiment, arm) = answer.Names();
        _count.Add(1, new("decision.point", answer.Point.Key), new("experiment", experiment ?? ""), new("arm", arm ?? ""));
    }
}
