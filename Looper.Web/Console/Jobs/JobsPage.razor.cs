using Looper.Core.Access;
using Looper.Core.Runs;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Jobs;

public sealed partial class JobsPage
{
    internal const int Most = 100;

    [Inject] public required JobRunQueries Queries { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [SupplyParameterFromQuery(Name = "open")] public bool Open { get; set; }

    private IReadOnlyList<JobRunView>? Runs { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => Runs = (await Queries.ListAsync(Caller, new JobRunFilter(OpenOnly: Open, Take: Most), default)).Value ?? [];
}
