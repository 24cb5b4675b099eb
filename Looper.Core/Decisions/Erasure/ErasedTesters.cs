using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Erasure;

/// <summary>Takes erased units off the lists of those who try an experiment out, of ended ones too: these name them in clear.</summary>
internal static class ErasedTesters
{
    /// <summary>In the caller's transaction: nothing is saved yet.</summary>
    /// <returns>The experiments that had any.</returns>
    public static async Task<List<Experiment>> TakeAsync(LooperDb db, Caller caller, Func<string, bool> isErased, DateTimeOffset at)
    {
        var changed = new List<Experiment>();
        foreach (var experiment in await db.Set<Experiment>().Where(e => e.Testers != null).ToListAsync(CancellationToken.None))
        {
            var testers = ExperimentJson.ReadTesters(experiment.Testers);
            var left = testers.RemoveAll(t => isErased(t.Unit));
            if (left.Length == testers.Length) continue;
            experiment.Testers = left.IsEmpty ? null : ExperimentJson.Write(left);
            db.Add(AuditEntry.Of(caller, "experiment.testers-changed", experiment.Id, at, before: new { testers = testers.Length },
                after: new { testers = left.Length, sentence = $"{(testers.Length - left.Length == 1 ? "A tester" : $"{testers.Length - left.Length} testers")} erased, {left.Length} left." }));
            changed.Add(experiment);
        }
        return changed;
    }

    /// <summary>Once saved: the arms they had are theirs until the snapshot is built again.</summary>
    public static void Announce(ChangeFeed changes, List<Experiment> changed)
    {
        foreach (var experiment in changed)
        {
            changes.Announce(ChangeKind.Experiment, experiment.Id);
            changes.Announce(ChangeKind.DecisionPoint, experiment.DecisionPointId);
        }
    }
}
