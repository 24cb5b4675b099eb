using Looper.Core.Access;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Access;

public sealed partial class ProfilePage
{
    private UserView? _me;
    private string _name = "", _current = "", _next = "";
    private FieldErrors _nameErrors = FieldErrors.None, _passwordErrors = FieldErrors.None;

    [CascadingParameter] public Caller? Caller { get; set; }

    [Inject] public required UserQueries Users { get; init; }
    [Inject] public required ProfileActions Actions { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync()
    {
        if (Caller is null) return;
        _me = (await Users.MeAsync(Caller, default)).Value;
        _name = _me?.Name ?? "";
    }

    private async Task RenameAsync()
    {
        var refusal = await Actions.RenameAsync(Caller!, _name, default);
        _nameErrors = refusal is null ? FieldErrors.None : new FieldErrors(refusal);
        if (refusal is null) Notices.Done("Saved your name");
    }

    /// <summary>A circuit cannot set a cookie, so the person signs in again on a page that can.</summary>
    private async Task ChangePasswordAsync()
    {
        var refusal = await Actions.ChangePasswordAsync(Caller!, _current, _next, default);
        _passwordErrors = refusal is null ? FieldErrors.None : new FieldErrors(refusal);
        if (refusal is null) Navigation.NavigateTo("/sign-in", forceLoad: true);
    }
}
