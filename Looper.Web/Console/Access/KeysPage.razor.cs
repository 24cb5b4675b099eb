using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Access;

public sealed partial class KeysPage
{
    private static readonly (KeyScopes Scope, string Text)[] Scopes =
    [
        (KeyScopes.Decide, "decide: ask what to do"), (KeyScopes.Observe, "observe: report outcomes"),
        (KeyScopes.Read, "read: everything a viewer sees"), (KeyScopes.Manage, "manage: what an engineer may do"),
    ];

    private IReadOnlyList<ApiKeyView>? _keys;
    private IReadOnlyList<DecisionPointView>? _points;
    private Refusal? _denied;
    private NewKey? _creating;
    private CreatedApiKey? _created;
    private FieldErrors _errors = FieldErrors.None;
    private readonly Openers _openers = new();
    private readonly OneAtATime _saving = new();

    [CascadingParameter] public Caller? Caller { get; set; }

    [Inject] public required ApiKeyQueries Keys { get; init; }
    [Inject] public required ApiKeyActions Actions { get; init; }
    [Inject] public required ApiKeyRing Ring { get; init; }
    [Inject] public required DecisionPointQueries Decisions { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [Inject] public required TimeProvider Clock { get; init; }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (Caller is null) return;
        var answered = await Keys.ListAsync(Caller, default);
        (_keys, _denied) = (answered.Value, answered.Refusal);
        if (_denied is null) _points = await Decisions.ListAsync(Caller, default);
    }

    protected override Task OnAfterRenderAsync(bool firstRender) => _openers.RenderedAsync();

    private void Begin(string opener)
    {
        _openers.Open(opener);
        (_creating, _created, _errors) = (new NewKey(), null, FieldErrors.None);
    }

    private void Close()
    {
        _openers.Close();
        (_creating, _created) = (null, null);
    }

    private void Toggle(Guid id)
    {
        if (_creating is { } creating && !creating.Points.Remove(id)) creating.Points.Add(id);
    }

    private Task CreateAsync() => _creating is { } creating ? _saving.RunAsync(() => CreateAsync(creating)) : Task.CompletedTask;

    private async Task CreateAsync(NewKey creating)
    {
        var key = new NewApiKey(creating.Name, creating.Scopes, [.. creating.Points], Clock.GetUtcNow().AddDays(creating.Days));
        var answered = await Actions.CreateAsync(Caller!, key, default);
        if (answered.Refusal is { } refusal)
        {
            _errors = new FieldErrors(refusal);
            return;
        }
        (_created, _creating) = (answered.Value, null); // at once: its secret is shown this once
        await Ring.RefreshAsync(default);
        _openers.Open("page"); // the one for a first key has gone
        await LoadAsync();
    }

    private async Task RevokeAsync(ApiKeyView key)
    {
        await LoadAsync(); // it may have been used since the page was opened
        key = _keys?.FirstOrDefault(k => k.Id == key.Id) ?? key;
        var asked = new Confirmation($"Revoke {key.Name}")
        {
            Changes = ["Calls with this key are refused within 5 seconds.", key.LastUsedAt is { } at ? $"It was last used {Shown.Age(at, Clock.GetUtcNow())}." : "It was never used."],
            Keeps = ["What was decided and observed with it stays."], WayBack = "none; make a new key.", IsDanger = true,
        };
        if (await Dialogs.ConfirmAsync(asked) is null || !Notices.Ok(await Actions.RevokeAsync(Caller!, key.Id, default))) return;
        await Ring.RefreshAsync(default);
        Notices.Done($"Revoked {key.Name}");
        await LoadAsync();
    }

    private bool MayGive(KeyScopes scope) => scope is KeyScopes.Decide or KeyScopes.Observe || Caller!.Lacks(Right.Administer) is null;

    private string State(ApiKeyView key) => key.RevokedAt is not null ? "Revoked" : key.ExpiresAt <= Clock.GetUtcNow() ? "Expired" : "Active";

    private string Points(ApiKeyView key) => key.DecisionPoints.Count == 0 ? "all"
        : string.Join(", ", key.DecisionPoints.Select(id => _points?.FirstOrDefault(p => p.Id == id)?.Name ?? "deleted"));

    private static string Words(KeyScopes scopes) => scopes.ToString().ToLowerInvariant();

    private sealed class NewKey
    {
        public string Name { get; set; } = "";
        public KeyScopes Scopes { get; set; } = KeyScopes.Decide | KeyScopes.Observe;
        public HashSet<Guid> Points { get; } = [];
        public int Days { get; set; } = 365;
    }
}
