using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>How the features of a decision point are spread; counted when asked. From analyst up: the smallest and the largest value, and a rare category, are those of a single
/// decision.</summary>
public sealed class FeatureProfileQueries(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
{
    public static readonly TimeSpan ShortestRange = TimeSpan.FromHours(1), LongestRange = TimeSpan.FromDays(90);

    /// <summary>Candidates read of all decisions together, so that memory is bounded.</summary>
    private const int MostCandidates = 100_000;

    private readonly ServedSample _sample = new(examples);

    /// <param name="range">How far back. 1 hour to 90 days.</param>
    public async Task<Answered<FeatureProfiles>> ListAsync(Caller caller, string key, TimeSpan range, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        if (range < ShortestRange || range > LongestRange)
            return new Refusal("filter.invalid", $"Range: {DurationJson.Text(range)} lies outside what is looked back on. Use `1h` to `90d`, such as `24h` or `7d`.", "range");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var id = await db.Set<DecisionPoint>().Where(p => p.Key == key).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancel);
        if (id is not { } known || await LivePoint.FindAsync(db, known, cancel) is not { } point) return DecisionPointActions.Unknown(key);
        return await CountAsync(db, point, range, cancel);
    }

    /// <summary>The same of one feature.</summary>
    /// <inheritdoc cref="ListAsync"/>
    public async Task<Answered<FeatureProfiles>> FindAsync(Caller caller, string key, string feature, TimeSpan range, CancellationToken cancel)
    {
        var all = await ListAsync(caller, key, range, cancel);
        if (all.Refusal is { } refusal) return refusal;
        var profiles = all.Value!;
        if (profiles.Features.FirstOrDefault(f => f.Name == feature) is { } found) return profiles with { Features = [found] };
        var names = profiles.Features.IsEmpty ? "It has none; add one in a draft" : $"Choose one of {Words.List([.. profiles.Features.Take(10).Select(f => $"`{BlueprintRules.Shown(f.Name)}`")], "or")}";
        return new Refusal("feature.unknown", $"Feature: `{BlueprintRules.Shown(feature)}` is not a feature of version {profiles.BlueprintVersion} of '{key}'. {names}.", "feature");
    }

    private async Task<FeatureProfiles> CountAsync(LooperDb db, LivePoint point, TimeSpan range, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var all = await examples.CountClosedAsync(new ExampleQuery(point.Id, []) { From = now - range, Until = ServedSample.After(now) }, cancel); // without outcomes no window is open
        var decisions = new DecisionCount(point.Current, now - range, (int)(MostCandidates / Math.Clamp(all, 1, ServedSample.Most)));
        ImmutableArray<UnitCount> units = [.. point.Models.Select(m => new UnitCount(m.Then, m.Since(now - LivePoint.Window)))];
        await _sample.ReadAsync(point, [decisions, .. units], now, cancel);
        var models = await ModelBeside.ReadAsync(db, point, units, cancel);
        FeatureProfile Profile(FeatureValues values, FeatureTable table, bool isOfCandidates) =>
            FeatureFigures.Of(values, table.Rows, isOfCandidates) with { Beside = [.. models.Select(m => m.Beside(values))] };
        return new(
            point.Key, point.Version, now - range, now, all, decisions.Decisions, decisions.LeftOut,
            decisions.Sent, decisions.Candidates.Rows, decisions.CandidatesEach, [.. models.Select(m => m.Model)],
            [.. decisions.Context.Features.Select(f => Profile(f, decisions.Context, false)), .. decisions.Candidates.Features.Select(f => Profile(f, decisions.Candidates, true))]);
    }
}
