using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>How long ago a model of a live outcome was last made, live or not.</summary>
/// <param name="Number">The live model.</param>
/// <param name="Age">Since the newest model of the outcome was trained.</param>
/// <param name="Due">A model is due so often.</param>
/// <param name="New">Decisions whose windows have closed since, which it could learn from.</param>
internal sealed record StaleModel(int Number, string Outcome, TimeSpan Age, TimeSpan Due, long New)
{
    public const string Stale = "model.stale";

    // Periods that may pass; a short period is no reason to alarm while one training runs.
    private const int Periods = 3;
    private static readonly TimeSpan s_least = TimeSpan.FromHours(1);

    public TimeSpan Limit => Periods * Due > s_least ? Periods * Due : s_least;

    private TimeSpan Whole => Age.TotalDays >= 2 ? TimeSpan.FromDays((int)Age.TotalDays) : TimeSpan.FromHours((int)Age.TotalHours);

    public string? Condition => Age > Limit && New > 0 ? Stale : null;

    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"No model of `{Outcome}` has been trained for {Words.Of(Whole)}, though one is due {Words.Every(Due)} and {New:N0} decisions are new. Look among the jobs for why trainings fail, or train by hand.");

    /// <summary>One per live model of the goal; none where trainings start only when somebody asks.</summary>
    public static async Task<List<StaleModel>> LookAsync(LooperDb db, LivePoint point, ExampleReader examples, DateTimeOffset now, CancellationToken cancel)
    {
        var looked = new List<StaleModel>();
        if (point.Current.Training is not { IsOn: true, RetrainEvery: { } due }) return looked;
        var models = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point.Id).Select(m => new { m.Number, m.Outcome, m.State, m.TrainedAt, m.DataUntil, m.Settings }).ToListAsync(cancel);
        foreach (var live in models.Where(m => m.State == ModelState.Live && point.Current.Goal.Terms.Any(t => t.Outcome == m.Outcome)))
        {
            var newest = models.Where(m => m.Outcome == live.Outcome).MaxBy(m => m.TrainedAt)!;
            var outcome = point.Current.Outcomes.First(o => o.Name == live.Outcome);
            var found = new StaleModel(live.Number, live.Outcome, now - newest.TrainedAt, due, 0);
            var query = new ExampleQuery(point.Id, [outcome]);
            // what it read to no avail, because nothing came of it, is not new
            var from = ModelJson.Read<Lineage>(newest.Settings)?.ReadAt is { } read ? (query with { AsOf = read, ClosedOnly = true }).EndAt(read) : newest.DataUntil + TimeSpan.FromTicks(1);
            looked.Add(found.Age > found.Limit ? found with { New = await examples.CountClosedAsync(query with { From = from }, cancel) } : found);
        }
        return looked;
    }
}
