using Looper.Core.Events;

namespace Looper.Core.Decisions.Import;

/// <summary>Knows rows again that have changed since they were imported. An id hashes every cell, so a row with another outcome, or another cell that nothing is read from, would become a
/// second decision; where it has the place, unit, time, option and features of one that is there, it takes that one's id. Only where the file names units and times: else rows of two files may be alike.</summary>
internal sealed class ChangedRows(EventReader events, EarlierPlans earlier, ImportPlan plan, TimeProvider clock)
{
    /// <summary>Gives such rows of a group the ids that they are known by.</summary>
    public async Task RecognizeAsync(List<ImportedRow> group, CancellationToken cancel)
    {
        if (plan.UnitColumn is null || plan.TimeColumn is null) return;
        var there = await events.AlikeAsync(plan.Point.Id, [.. group.Select(g => g.Row.Decision!.Id)], ImportRow.PlaceBytes, cancel);
        for (var i = 0; i < group.Count; i++)
        {
            var own = group[i].Row.Decision!;
            if (there[i].Exists(d => d.Id == own.Id)) continue;
            foreach (var decision in there[i].Where(d => d.Marks.HasFlag(RecordMarks.Imported) && d.Unit == own.Unit && d.Time == own.Time))
            {
                if (await ReadAsync(decision, group[i], cancel) is not { } row) continue;
                group[i] = group[i] with { Row = row };
                break;
            }
        }
    }

    // As it would be written now: under an earlier version of the blueprint too, whose rows the journal takes as known.
    private async Task<ImportRow?> ReadAsync(DecisionRecord decision, ImportedRow row, CancellationToken cancel)
    {
        ImportRow Under(ImportPlan one) => ImportRow.Read(one, row.Cells, row.Index, row.Line, row.Experiment, clock.GetUtcNow(), decision.Id);
        var then = decision.BlueprintVersion == plan.Version ? plan : await earlier.OfAsync(decision.Id, cancel);
        return then is not null && Under(then).Decision?.RequestHash == decision.RequestHash ? Under(plan) : null;
    }
}
