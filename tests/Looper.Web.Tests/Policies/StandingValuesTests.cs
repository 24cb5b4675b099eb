using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Policies;

/// <summary>Which logged decisions the values of standing policies rest on, on the real journal.</summary>
public sealed class StandingValuesTests
{
    private static readonly Guid s_byCompany = new(7, 7, 7, new byte[8]);

    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("c")], Default = "a", Policy = new RandomPolicy(), Features = [new("company", FeatureKind.Category)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
    };

    /// <summary>The first version drew evenly among three; the second has two of them left, and another outcome.</summary>
    private static async Task<LooperApp> LoggedAsync()
    {
        var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner);
        await looper.PublishAsync("banner", s_banner with { Options = [new("a"), new("b")], Outcomes = [.. s_banner.Outcomes, new("upsell", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }] });
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Experiment { Id = s_byCompany, Key = "by-company", Name = "By company", DecisionPointId = point, Plan = ExperimentJson.Write(new ExperimentPlan { Cluster = "company" }) });
            await db.SaveChangesAsync();
        }
        var (journal, random, from) = (looper.Get<Journal>(), new Core.Numerics.Philox(3, "standing"), looper.Get<TimeProvider>().GetUtcNow().AddHours(-2));
        var served = new byte[8];
        var length = ServedRow.WriteText(served, "x"u8);
        var pending = new List<Task>();
        for (var i = 0; i < 3_200; i++)
        {
            pending.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = from.AddMilliseconds(i), BlueprintVersion = 1, Option = random.Below(3), Propensity = 1 / 3.0,
                Reason = i < 3_000 ? Reason.Explore : Reason.Experiment, ExperimentId = i < 3_000 ? null : s_byCompany, Arm = i < 3_000 ? -1 : 0, Served = served.AsSpan(0, length).ToArray(),
            }, false, default).AsTask());
            if (random.Uniform() < 0.2) pending.Add(journal.AppendAsync([new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = from.AddMilliseconds(i + 1), ReceivedAt = from.AddMilliseconds(i + 1) }], default).AsTask());
        }
        await Task.WhenAll(pending);
        return looper;
    }

    [Fact]
    public async Task Options_that_are_gone_weigh_nothing_and_lots_of_groups_are_left_out()
    {
        await using var looper = await LoggedAsync();
        var report = (await looper.Get<PolicyValueQueries>().EvaluateAsync(Caller.System, "banner", new("purchase"), default)).Value!;
        Assert.Equal((3_000L, 200L, 0L), (report.Decisions, report.DrawnInGroups, report.LeftOut));
        Assert.All(report.Policies, p => Assert.Equal(1, p.MeanWeight, 0.1));
        Assert.Equal(0.2, report.Policies.Single(p => p.Option == "a").Ips.Value, 0.05);
        using var client = await looper.SignedInAsync(Role.Viewer);
        Assert.Contains("200 are of an experiment that drew for groups", await client.GetStringAsync("/decision-points/banner/policy?outcome=purchase"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outcome_that_came_later_is_unknown_before()
    {
        await using var looper = await LoggedAsync();
        var report = (await looper.Get<PolicyValueQueries>().EvaluateAsync(Caller.System, "banner", new("upsell"), default)).Value!;
        Assert.Equal((0L, 3_000L), (report.Decisions, report.WithoutOutcome));
        Assert.All(report.Policies, p => Assert.NotNull(p.Refused));
    }
}
