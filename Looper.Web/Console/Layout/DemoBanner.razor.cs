using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Simulation;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Layout;

/// <summary>Says that something here is simulated, and takes it all away on request.</summary>
public sealed partial class DemoBanner
{
    private int _simulated;

    [CascadingParameter] public Caller? Caller { get; set; }

    [Inject] public required DecisionPointQueries Points { get; init; }

    [Inject] public required SimulationActions Simulations { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync() => _simulated = Caller is null ? 0 : (await Points.ListAsync(Caller, default)).Count(point => point.IsSimulated);

    private async Task RemoveAsync()
    {
        if (Caller is null || await Dialogs.ConfirmAsync(new Confirmation("Remove simulated data")
        {
            Changes = [$"{Shown.Plural(_simulated, "simulated decision point")} with models, experiments, decisions and outcomes go away."],
            Keeps = ["Everything that is not marked simulated."],
            WayBack = "start Looper with --demo again; the shop then begins from nothing.",
            IsDanger = true,
        }) is null) return;
        var removed = await Simulations.RemoveAsync(Caller, default);
        if (!Notices.Ok(removed.Refusal)) return;
        Notices.Done("Removed the simulated data");
        await LoadAsync();
        Navigation.NavigateTo("/");
    }
}
