using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Costs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Settings;

public sealed partial class PricesPage
{
    private readonly OneAtATime _once = new();
    private List<PricedGoal> _goals = [];
    private FieldErrors _errors = FieldErrors.None;
    private Prices? _shown;
    private string _currency = "";
    private double? _processorHour, _gigabyteMonth;

    [Inject] public required PriceSettings Settings { get; init; }
    [Inject] public required GoalQueries Goals { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public Caller? Caller { get; set; }

    private Refusal? Denied => Caller!.Lacks(Right.Administer);

    protected override Task OnParametersSetAsync() => _shown is null ? LoadAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        if (Caller is null || (await Settings.FindAsync(Caller, default)).Value is not { } prices) return;
        var goals = await Goals.ListAsync(Caller, default);
        if (goals.Refusal is not null) return;
        (_shown, _currency, _processorHour, _gigabyteMonth) = (prices, prices.Currency, prices.ProcessorHour, prices.GigabyteMonth);
        var orphans = prices.Worths.Where(w => !goals.Value.Any(g => (g.Key, g.UnitOfMeasure) == (w.Goal, w.UnitOfMeasure))).Select(w => new GoalView(w.Goal, w.Goal, w.UnitOfMeasure, []));
        _goals = [.. goals.Value.Concat(orphans).Select((g, i) => new PricedGoal(i, g, prices))];
    }

    private Task SaveAsync() => _once.RunAsync(async () =>
    {
        if (_shown is null || Denied is not null) return;
        var wanted = new Prices(_currency.Trim())
        {
            ProcessorHour = _processorHour, GigabyteMonth = _gigabyteMonth,
            Worths = [.. _goals.Where(g => g.Each is not null).Select(g => new Worth(g.Key, g.Each!.Value, g.UnitOfMeasure))],
        };
        var refusal = await Settings.ChangeAsync(Caller!, wanted, default, _shown);
        _errors = refusal is null ? FieldErrors.None : new(refusal);
        if (refusal is not null) return;
        _shown = null;
        await LoadAsync();
        Notices.Done("Prices saved");
    });

    private string? ErrorOf(PricedGoal goal)
    {
        var filled = _goals.Where(g => g.Each is not null).ToList();
        return filled.IndexOf(goal) is >= 0 and var place ? _errors[$"worths[{place}].each"] : null;
    }

    private sealed class PricedGoal(int index, GoalView goal, Prices prices)
    {
        public int Index => index;
        public string Key => goal.Key;
        public string Label => goal.UnitOfMeasure is { } unit ? $"One {unit} of {goal.Name}" : $"One {goal.Name}";

        public string? UnitOfMeasure => goal.UnitOfMeasure;

        public string Help => (goal.DecisionPoints.IsEmpty ? "No decision point has this goal now. Empty it to forget its worth." : $"Goal of {string.Join(", ", goal.DecisionPoints)}.")
            + (string.Equals(goal.UnitOfMeasure, prices.Currency, StringComparison.OrdinalIgnoreCase) ? $" Without a worth it is worth itself, since it is counted in {prices.Currency}." : "");

        public double? Each { get; set; } = prices.Worths.FirstOrDefault(w => w.Goal == goal.Key && w.UnitOfMeasure == goal.UnitOfMeasure)?.Each;
    }
}
