using Looper.Core.Access;
using Looper.Core.Runs;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Jobs;

public sealed partial class JobPage
{
    private bool _missing;

    [Inject] public required JobRunQueries Queries { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    private JobRunView? Run { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (Run?.Id == Id) return;
        Run = (await Queries.FindAsync(Caller, Id, default)).Value;
        _missing = Run is null;
    }
}
