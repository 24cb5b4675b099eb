using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Simulation;

/// <summary>What is really true in the simulated shop, to be held against what was measured.</summary>
/// <param name="Rates">Expected purchases per customer when everyone sees the banner.</param>
/// <param name="BestPossibleRate">The same when each customer sees the banner that is best for them.</param>
/// <param name="BestBanners">Customer type to its best banner.</param>
public sealed record ShopTruth(ImmutableSortedDictionary<string, double> Rates, double BestPossibleRate, ImmutableSortedDictionary<string, string> BestBanners);

public sealed class SimulationQueries(IDbContextFactory<LooperDb> databases)
{
    /// <summary>Whether anything simulated is there.</summary>
    public async Task<bool> AnyAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return false;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<DecisionPoint>().AnyAsync(p => p.IsSimulated, cancel);
    }

    /// <summary>The truth that a report's primary outcome can be held against: purchases of everybody, each arm one banner. Null for any other experiment.</summary>
    public static ShopTruth? TruthOf(ReportSettings report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return report is { IsSimulated: true, PrimaryOutcome: ShopDemo.Purchase, Plan: { Audience.IsEmpty: true } plan } && plan.Arms.All(a => a.Option == a.Key) ? TruthOf(report.DecisionPoint) : null;
    }

    /// <summary>The truth behind a simulated decision point; null for a real one.</summary>
    public static ShopTruth? TruthOf(string decisionPointKey) => decisionPointKey != ShopDemo.DecisionPointKey ? null : new(
        BannerShop.Banners.ToImmutableSortedDictionary(b => b, BannerShop.ExpectedRate),
        BannerShop.BestPossibleRate,
        BannerShop.CustomerTypes.ToImmutableSortedDictionary(t => t, BannerShop.BestBanner));
}
