using Looper.Core;
using Looper.Core.Access;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Access;

public sealed partial class AuditPage
{
    private IReadOnlyList<AuditView>? _entries;
    private Refusal? _denied;
    private AuditCheck? _check;
    private string? _who, _action, _subject;
    private bool _all;

    [CascadingParameter] public Caller? Caller { get; set; }
    [SupplyParameterFromQuery(Name = "who")] public string? Who { get; set; }
    [SupplyParameterFromQuery(Name = "action")] public string? Action { get; set; }
    [SupplyParameterFromQuery(Name = "subject")] public string? Subject { get; set; }

    /// <summary>Computed reports too, which change nothing and would bury what does.</summary>
    [SupplyParameterFromQuery(Name = "all")] public bool IsAll { get; set; }

    [SupplyParameterFromQuery(Name = "before")] public long? Before { get; set; }

    [Inject] public required AuditQueries Audit { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override async Task OnParametersSetAsync()
    {
        if (Caller is null) return;
        (_who, _action, _subject, _all) = (Who, Action, Subject, IsAll);
        var answered = await Audit.ListAsync(Caller, new AuditFilter(Who, Action, Subject, Before, AuditQueries.MostRows, IsAll || Action == AuditFilter.Computed ? null : AuditFilter.Computed), default);
        (_entries, _denied) = (answered.Value, answered.Refusal);
    }

    private void Filter() => Go(null);

    private void Older()
    {
        if (_entries is { Count: > 0 } entries) Go(entries[^1].Id); // a filter may have emptied the list meanwhile
    }

    private void Go(long? before) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["who"] = Some(_who), ["action"] = Some(_action), ["subject"] = Some(_subject), ["all"] = _all ? true : null, ["before"] = before,
    }));

    private async Task VerifyAsync() => _check = (await Audit.VerifyAsync(Caller!, default)).Value;

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
