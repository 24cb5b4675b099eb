using System.Data.Common;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Models;

/// <summary>Two who make a model live at the same time, where none is live that both would have to retire.</summary>
public class PromotionRaceTests
{
    private static readonly Caller Publisher = new("approver", Role.Approver);

    [Theory] // a person and another one; a person and one who goes back to what was live before
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_who_make_a_model_live_at_once_the_later_one_retires_the_other(bool goesBack)
    {
        var meeting = new Meeting();
        await using var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<IInterceptor>(meeting));
        await WithModelsAsync(database);
        var actions = new ModelActions(database.Databases, null!, null!, database.Get<ChangeFeed>(), database.Get<Ids>(), database.Get<TimeProvider>(), NullLogger<ModelActions>.Instance);
        meeting.Begin();
        var refused = await Task.WhenAll(
            Task.Run(() => actions.PromoteAsync(Publisher, "banner", 1, null, default)),
            Task.Run(async () => goesBack ? (await actions.GoBackAsync(Publisher, "banner", "purchase", null, default)).Refusal : await actions.PromoteAsync(Publisher, "banner", 2, null, default)));
        Assert.All(refused, Assert.Null);
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.Single(await db.Set<Model>().Where(m => m.State == ModelState.Live).ToListAsync());
        Assert.Equal(2, await db.Set<GateDecision>().CountAsync());
    }

    // A candidate, and one that was live before and is not any more.
    private static async Task WithModelsAsync(TestDatabase database)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        var (point, at) = (new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1 }, database.Get<TimeProvider>().GetUtcNow());
        var artefact = Artefact.Write(new([new("x", ColumnKind.Category, ["a", "b"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1]])));
        db.Add(point);
        db.Add(new Model { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Number = 1, Outcome = "purchase", Artefact = artefact });
        db.Add(new Model { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Number = 2, Outcome = "purchase", Artefact = artefact, State = ModelState.Retired, PromotedAt = at, RetiredAt = at });
        await db.SaveChangesAsync();
    }

    /// <summary>From its beginning on nobody's first transaction starts before the other's: each has read by then what it reads outside of one.</summary>
    private sealed class Meeting : DbTransactionInterceptor
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _there = int.MinValue;

        public void Begin() => _there = 0;

        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _there) == 2) _both.SetResult();
            if (_there is > 0) await _both.Task;
            return result;
        }
    }
}
