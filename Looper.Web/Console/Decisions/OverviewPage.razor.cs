using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Home;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Decisions;

public sealed partial class OverviewPage : IDisposable
{
    private static readonly ImmutableArray<(string Name, string Text)> Ranges = [("24h", "Last 24 hours"), ("7d", "Last 7 days"), ("30d", "Last 30 days")];
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _gone = new();
    private PointOverview? _view;
    private BlueprintContent? _content;
    private ImmutableArray<HomeLine> _alerts = [];
    private Guid? _begun; // seen without a decision: what is needed for the first stays, with the key that is shown once

    [Inject] public required OverviewQueries Overviews { get; init; }
    [Inject] public required MonitoringQueries Monitoring { get; init; }
    [Inject] public required VersionQueries Versions { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Clock { get; init; }
    [Inject] public required EventActivity Activity { get; init; }
    [CascadingParameter] public required Caller Caller { get; set; }
    [Parameter] public string Key { get; set; } = "";
    [SupplyParameterFromQuery] public string? Range { get; set; }

    private string RangeName => Ranges.FirstOrDefault(r => r.Name == (Range ?? "7d")).Text ?? "Last 7 days";
    private OutcomeOverview? Goal => _view!.Outcomes.FirstOrDefault(o => o.IsGoal);

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _ = RefreshAsync();
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task LoadAsync()
    {
        var range = DurationJson.TryParse(Range ?? "7d", out var span) ? span : TimeSpan.FromDays(7);
        var of = (Key, Range);
        var view = await Overviews.FindAsync(Caller, Key, range, default);
        var content = (await Versions.FindAsync(Caller, Key, 0, default))?.Content;
        var alerts = (await Monitoring.AlertsAsync(Caller, Key, activeOnly: true, default)).Value ?? [];
        if (of != (Key, Range)) return; // another was chosen meanwhile
        (_view, _content, _alerts) = (view, content, [.. alerts.Select(alert => AlertLine.Of(alert))]);
        if (view?.Activity.Decisions == 0) _begun = view.Point.Id;
    }

    /// <summary>Counts are looked at every five seconds, and read again only when something came.</summary>
    private async Task RefreshAsync()
    {
        try
        {
            var token = _gone.Token;
            while (true)
            {
                await Task.Delay(s_refresh, Clock, token);
                try
                {
                    await InvokeAsync(async () =>
                    {
                        if (_view is null || Activity.Of(_view.Point.Id) == _view.Activity) return;
                        await LoadAsync();
                        StateHasChanged();
                    });
                }
                catch (Exception e) when (DatabaseFaults.IsAway(e))
                {
                    continue; // what is shown stays
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return; // the page is gone
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private double Today(Func<HourCount, long> of)
    {
        var midnight = new DateTimeOffset(Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        return _view!.Hours.Where(h => h.Hour >= midnight).Sum(of);
    }

    private static LineChart Traffic(PointOverview view, DateTimeOffset now) => new("How many decisions and outcomes come in?", new("Hour (UTC)", AxisKind.Time), new("Per hour"),
        [.. view.Hours.Select(h => h.Hour.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))],
        [new("Decisions", [.. view.Hours.Select(h => (double)h.Decisions)]), new("Outcomes", [.. view.Hours.Select(h => (double)h.Outcomes)])])
    {
        Basis = $"{Shown.Count(view.DecisionsInRange)} decisions; hours without any are left out{(view.Hours[^1].Hour.AddHours(1) > now ? ", and the last is not over" : "")}",
    };

    private static BarChart Mix(PointOverview view) => new(
        view.IsRanking ? "Which of the candidates sent come first?" : view.TakesCandidates ? "Which of the candidates sent are picked?" : "Which options are chosen?", new(view.TakesCandidates ? "Place as sent" : "Option", AxisKind.Category), new("Share of decisions", AxisKind.Percent),
        [.. view.Options.Select(o => o.Option)], [new("Share", [.. view.Options.Select(o => o.Decisions / (double)view.DecisionsInRange)])])
    {
        Basis = $"{Shown.Count(view.DecisionsInRange)} decisions",
        Lying = true,
    };

    private List<OutcomeLine> Rows(PointOverview view) => [.. view.Outcomes.SelectMany(o => o.ByOption.Select(r => Line(o.Outcome, r)))];

    private OutcomeLine Line(string name, OptionRate rate)
    {
        var outcome = _content?.Outcomes.FirstOrDefault(o => o.Name == name);
        return new(name, rate.Option, rate.Decisions, rate.Mean, outcome?.Kind == OutcomeKind.Boolean, outcome?.UnitOfMeasure is { Length: > 0 } unit ? " " + unit : "");
    }

    private sealed record OutcomeLine(string Outcome, string Option, long Decisions, double? Mean, bool IsRate, string Unit);
}
