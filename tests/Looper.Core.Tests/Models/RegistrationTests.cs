using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Models;

/// <summary>A training takes minutes: what was published meanwhile says whether its model goes live.</summary>
public sealed class RegistrationTests
{
    private static readonly Lazy<Trained> s_trained = new(() =>
        Simulated.Trainer(Simulated.Examples(6_000, seed: 1), out var reading).Fit(reading.RowsOf(0), null, "by hand", 5, (_, _) => { }, default).Value!);

    public enum Meanwhile
    {
        Nothing,
        LeftToPersons,
        OtherOutcome,
        Archived,
    }

    [Theory]
    [InlineData(Meanwhile.Nothing, GateVerdict.Promoted, ModelState.Live)]
    [InlineData(Meanwhile.LeftToPersons, GateVerdict.LeftToPerson, ModelState.Candidate)]
    [InlineData(Meanwhile.OtherOutcome, GateVerdict.Kept, ModelState.Candidate)]
    [InlineData(Meanwhile.Archived, GateVerdict.Kept, ModelState.Candidate)]
    public async Task A_model_goes_live_by_what_holds_when_it_is_there(Meanwhile what, GateVerdict verdict, ModelState state)
    {
        Assert.True(s_trained.Value.Evidence.Holds, s_trained.Value.Evidence.Verdict);
        await using var database = await TestDatabase.CreateAsync();
        await using var db = await database.Databases.CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = what is Meanwhile.Nothing or Meanwhile.Archived ? 1 : 2, IsArchived = what == Meanwhile.Archived };
        db.Add(point);
        var now = what switch
        {
            Meanwhile.LeftToPersons => Simulated.Blueprint with { Training = Simulated.Blueprint.Training with { PromoteAutomatically = false } },
            Meanwhile.OtherOutcome => Simulated.Blueprint with { Outcomes = [Simulated.Bought with { Window = TimeSpan.FromDays(7) }, Simulated.Spent] },
            _ => Simulated.Blueprint,
        };
        foreach (var (version, content) in new[] { (1, Simulated.Blueprint), (2, now) })
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = version, Content = BlueprintJson.Write(content), Hash = $"h{version}" });
        await db.SaveChangesAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var made = await new Registration(database.Get<Ids>()).RegisterAsync(db, new(point.Id, "banner", 1, Guid.CreateVersion7(), database.Get<TimeProvider>().GetUtcNow(), 1, [s_trained.Value], []), default);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        Assert.Equal(state, made[0].Model.State);
        Assert.Equal(verdict, (await db.Set<GateDecision>().SingleAsync()).Verdict);
        Assert.Equal(what == Meanwhile.Nothing, made[0].Verdict.StartsWith("Promoted", StringComparison.Ordinal));
    }
}
