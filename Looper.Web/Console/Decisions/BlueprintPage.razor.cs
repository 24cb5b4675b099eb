using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Decisions;

public sealed partial class BlueprintPage
{
    private IReadOnlyList<VersionView>? _versions;
    private BlueprintView? _shown;
    private BlueprintDiff? _diff;
    private string? _unread, _uncompared;

    [Inject] public required VersionQueries Versions { get; init; }
    [Inject] public required DecisionPointActions Actions { get; init; }
    [Inject] public required DraftActions Drafts { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public required Caller Caller { get; set; }
    [Parameter] public string Key { get; set; } = "";
    [SupplyParameterFromQuery] public int? Version { get; set; }
    [SupplyParameterFromQuery] public int? From { get; set; }
    [SupplyParameterFromQuery] public int? To { get; set; }

    private int Newer => To is { } to && Has(to) ? to : _shown?.Version ?? _versions!.Max(v => v.Version);
    private int Older => From is { } from && Has(from) ? from : Math.Max(1, Newer - 1);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _versions = await Versions.ListAsync(Caller, Key, default);
        var read = await Versions.ReadAsync(Caller, Key, Version is { } v && Has(v) ? v : 0, default);
        (_shown, _unread) = (read.Value, read.Refusal?.Reason);
        var compared = _versions.Count > 1 ? await Versions.DiffAsync(Caller, Key, Older, Newer, default) : default;
        (_diff, _uncompared) = (compared.Value, compared.Refusal?.Reason);
    }

    private bool Has(int version) => _versions?.Any(v => v.Version == version) is true;

    private string AddressOf(int version) => $"/decision-points/{Key}/blueprint?version={version}";

    private void CompareWith(int older, int newer) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["from"] = older, ["to"] = newer }), replace: true);

    private string? Off(Right right) => Caller.Lacks(right) is null ? null : "true";

    private string? Why(Right right) => Caller.Lacks(right)?.Reason;

    private static string UsedBy(VersionView version)
    {
        var models = version.Models.Length > 0 ? $"model{(version.Models.Length == 1 ? "" : "s")} {string.Join(", ", version.Models)}" : null;
        var experiments = version.Experiments.Length > 0 ? string.Join(", ", version.Experiments) : null;
        return string.Join("; ", new[] { models, experiments }.Where(t => t is not null)) is { Length: > 0 } text ? text : Shown.Nothing;
    }

    private async Task EditAsync()
    {
        if (Off(Right.EditDrafts) is not null) return;
        var draft = await Drafts.CreateAsync(Caller, new(DecisionPoint: Key), default);
        if (Notices.Ok(draft.Refusal)) Navigation.NavigateTo($"/decision-points/drafts/{draft.Value!.Id}/decision");
    }

    private async Task GoBackAsync(VersionView version)
    {
        if (Off(Right.Stop) is not null) return;
        var current = _versions!.Single(v => v.IsCurrent).Version;
        var diff = await Versions.DiffAsync(Caller, Key, current, version.Version, default);
        if (await Dialogs.ConfirmAsync(PointDialogs.GoBack(version.Version, current, diff.Value?.InWords ?? diff.Refusal!.Reason)) is not { } confirmed) return;
        var published = await Actions.GoBackAsync(Caller, Key, version.Version, confirmed.Text, default);
        if (!Notices.Ok(published.Refusal)) return;
        Notices.Done($"Published version {published.Value!.Version}, with the content of version {version.Version}");
        await LoadAsync();
    }
}
