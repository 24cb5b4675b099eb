using Looper.Core;
using Looper.Core.Access;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Access;

public sealed partial class UsersPage
{
    private IReadOnlyList<UserView>? _users;
    private Refusal? _denied;
    private Entry? _adding;
    private FieldErrors _errors = FieldErrors.None;
    private readonly Openers _openers = new();
    private readonly OneAtATime _saving = new();
    private int _asked; // a role that was not given must not stay chosen

    [CascadingParameter] public Caller? Caller { get; set; }

    [Inject] public required UserQueries Users { get; init; }
    [Inject] public required UserActions Actions { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (Caller is null) return;
        var answered = await Users.ListAsync(Caller, default);
        (_users, _denied) = (answered.Value, answered.Refusal);
    }

    protected override Task OnAfterRenderAsync(bool firstRender) => _openers.RenderedAsync();

    private void Begin() => Begin("page", new());

    private void BeginPassword(UserView user) => Begin(user.Id.ToString(), new() { Id = user.Id, Name = user.Name });

    private void Begin(string opener, Entry entry)
    {
        _openers.Open(opener);
        (_adding, _errors) = (entry, FieldErrors.None);
    }

    private void Close()
    {
        _openers.Close();
        _adding = null;
    }

    private Task SaveAsync() => _adding is { } entry ? _saving.RunAsync(() => SaveAsync(entry)) : Task.CompletedTask;

    private async Task SaveAsync(Entry entry)
    {
        var refusal = entry.Id is { } id
            ? await Actions.SetPasswordAsync(Caller!, id, entry.Password, default)
            : (await Actions.CreateAsync(Caller!, entry.Email, entry.Name, entry.Role, entry.Password, default)).Refusal;
        if (refusal is not null)
        {
            _errors = new FieldErrors(refusal);
            return;
        }
        Notices.Done(entry.Id is null ? $"Added {entry.Name}" : $"Set a new password for {entry.Name}");
        if (_adding == entry) Close();
        await LoadAsync();
    }

    private async Task ChangeRoleAsync(UserView user, string chosen)
    {
        var role = Enum.Parse<Role>(chosen);
        var asked = new Confirmation($"Make {user.Name} {role.ToString().ToLowerInvariant()}")
        {
            Changes = [May(role) + ".", "In force within a minute, also where they are signed in now."], WayBack = "choose the role before.",
        };
        if (await Dialogs.ConfirmAsync(asked) is not null && Notices.Ok(await Actions.ChangeRoleAsync(Caller!, user.Id, role, default)))
            Notices.Done($"{user.Name} is now {role.ToString().ToLowerInvariant()}");
        _asked++;
        await LoadAsync();
    }

    private async Task SignOutAsync(UserView user)
    {
        if (Notices.Ok(await Actions.SignOutEverywhereAsync(Caller!, user.Id, default))) Notices.Done($"Signed {user.Name} out everywhere");
    }

    private async Task RemoveAsync(UserView user)
    {
        var asked = new Confirmation($"Remove {user.Name}")
        {
            Changes = ["They cannot sign in any more, and are signed out within a minute."],
            Keeps = ["What they did stays in the audit under their e-mail.", "Their API keys go on working: revoke them apart."], IsDanger = true,
        };
        if (await Dialogs.ConfirmAsync(asked) is null || !Notices.Ok(await Actions.RemoveAsync(Caller!, user.Id, default))) return;
        Notices.Done($"Removed {user.Name}");
        await LoadAsync();
    }

    private static string May(Role role) => role switch
    {
        Role.Viewer => "Viewer: reads everything but single decisions",
        Role.Analyst => "Analyst: also reports and draft experiments",
        Role.Engineer => "Engineer: also blueprints, training, experiments, keys",
        Role.Approver => "Approver: also approves starts of experiments, and reads the audit",
        _ => "Admin: everything",
    };

    private sealed class Entry
    {
        /// <summary>Whose password is set; null for a new user.</summary>
        public Guid? Id { get; init; }
        public string Name { get; set; } = "";
        public string Email { get; set; } = "";
        public Role Role { get; set; } = Role.Viewer;
        public string Password { get; set; } = "";
    }
}
