using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Runs;

namespace Looper.Web.Console.Home;

/// <summary>Gathers what Home and the bell show from the queries of the other pages.</summary>
public sealed class HomeQueries(
    DecisionPointQueries points, EventActivity activity, ModelQueries models, ExperimentQueries experiments, JobRunQueries jobs)
{
    public async Task<HomeView> ReadAsync(Caller caller, CancellationToken cancel) => HomeView.Of(new(
        await RowsAsync(caller, cancel),
        (await models.ListAsync(caller, new ModelFilter(), cancel)).Value?.Items ?? [],
        (await experiments.ListAsync(caller, null, cancel)).Value ?? [],
        (await jobs.ListAsync(caller, new JobRunFilter(), cancel)).Value ?? []));

    public async Task<IReadOnlyList<DecisionPointRow>> RowsAsync(Caller caller, CancellationToken cancel) =>
        [.. (await points.ListAsync(caller, cancel)).Select(point => new DecisionPointRow(point, activity.Of(point.Id)))];
}
