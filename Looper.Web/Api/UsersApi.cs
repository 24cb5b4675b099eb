using Looper.Core.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class UsersApi
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").WithTags("Access");
        group.MapGet("", List).WithName("listUsers");
        group.MapPost("", Create).WithName("createUser");
        group.MapPatch("/{id:guid}", ChangeRole).WithName("changeUserRole");
        group.MapDelete("/{id:guid}", Remove).WithName("removeUser");
        group.MapPost("/{id:guid}/password", SetPassword).WithName("setUserPassword");
        group.MapPost("/{id:guid}/sign-out", SignOut).WithName("signOutUser");
    }

    /// <summary>All users with their roles.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<UserView>>, ProblemHttpResult>> List(Caller caller, UserQueries users, CancellationToken cancel)
    {
        var answered = await users.ListAsync(caller, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Makes an account.</summary>
    internal static async Task<Results<Created<CreatedId>, ProblemHttpResult>> Create(NewUser request, Caller caller, UserActions users, CancellationToken cancel)
    {
        var answered = await users.CreateAsync(caller, request.Email, request.Name, request.Role, request.Password, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/users/{answered.Value}", new CreatedId(answered.Value));
    }

    /// <summary>Gives a user another role.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> ChangeRole(Guid id, NewRole request, Caller caller, UserActions users, CancellationToken cancel) =>
        Answer(await users.ChangeRoleAsync(caller, id, request.Role, cancel));

    /// <summary>Removes a user, whose sessions end at once.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, Caller caller, UserActions users, CancellationToken cancel) =>
        Answer(await users.RemoveAsync(caller, id, cancel));

    /// <summary>Sets a user's password.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetPassword(Guid id, NewPassword request, Caller caller, UserActions users, CancellationToken cancel) =>
        Answer(await users.SetPasswordAsync(caller, id, request.Password, cancel));

    /// <summary>Ends every session of a user.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SignOut(Guid id, Caller caller, UserActions users, CancellationToken cancel) =>
        Answer(await users.SignOutEverywhereAsync(caller, id, cancel));

    private static Results<NoContent, ProblemHttpResult> Answer(Core.Refusal? refusal) => refusal is null ? TypedResults.NoContent() : refusal.AsProblem();

    public sealed record NewUser(string Email, string Name, Role Role, string Password);

    public sealed record NewRole(Role Role);

    public sealed record NewPassword(string Password);

    public sealed record CreatedId(Guid Id);
}
