import { html, type Html } from './html.ts';
import { renderPage, renderToken } from './page.ts';
import type { Post } from './posts.ts';
import type { Session } from './sessions.ts';
import type { Visit } from './visit.ts';

/** Everybody's: this is no lesson about passwords. */
export const password = 'balancer';

export const maxName = 32;
export const maxText = 1000;

export function renderHome(visit: Visit, posts: readonly Post[]): string {
  const { session, root } = visit;
  const invitation = html`<p><a href="${root}login">Log in</a> to write something.</p>`;
  return renderPage(
    visit,
    'Latest posts',
    html`${session === undefined ? invitation : renderPostForm(root, session)}
    ${renderPosts(posts, 'Nobody has written anything yet.')}`,
  );
}

export function renderOwnPosts(visit: Visit, session: Session, posts: readonly Post[]): string {
  const own = posts.filter((post) => post.author === session.user);
  return renderPage(
    visit,
    `Posts by ${session.user}`,
    html`${renderPostForm(visit.root, session)} ${renderPosts(own, 'You have not written anything yet.')}`,
  );
}

export function renderLogin(visit: Visit, complaint?: string): string {
  return renderPage(
    visit,
    'Log in',
    html`${complaint === undefined ? undefined : html`<p class="notice">${complaint}</p>`}
      <p>Any name will do. The password is <code>${password}</code>.</p>
      <form method="post" action="${visit.root}login">
        <label>Name <input name="name" maxlength="${maxName}" autocomplete="username" required /></label>
        <label
          >Password <input name="password" type="password" autocomplete="current-password" required
        /></label>
        <button>Log in</button>
      </form>`,
  );
}

export function renderChat(visit: Visit, session: Session): string {
  return renderPage(
    visit,
    'Chat',
    html`<p>With everybody who is logged in to ${visit.backend}, over a WebSocket.</p>
      <ol id="talk" class="posts" aria-live="polite"></ol>
      <form id="say" data-socket="${visit.root}chat-socket?token=${session.token}">
        <label>Message <input name="text" maxlength="${maxText}" autocomplete="off" required /></label>
        <button>Send</button>
      </form>
      <script src="/static/chat.js" defer></script>`,
  );
}

export function renderSentence(visit: Visit, title: string, sentence: string): string {
  return renderPage(visit, title, html`<p>${sentence}</p>`);
}

function renderPostForm(root: string, session: Session): Html {
  return html`<form method="post" action="${root}posts">
    ${renderToken(session)}
    <label
      >What is new, ${session.user}?
      <textarea name="text" rows="3" maxlength="${maxText}" required></textarea>
    </label>
    <button>Post</button>
  </form>`;
}

function renderPosts(posts: readonly Post[], none: string): Html {
  if (posts.length === 0) return html`<p>${none}</p>`;
  return html`<ol class="posts">
    ${posts.map(renderPost)}
  </ol>`;
}

function renderPost({ author, text, backend, at }: Post): Html {
  return html` <li>
    <p>${text}</p>
    <small><b>${author}</b>, <time datetime="${at}">${at.slice(11, 19)} UTC</time>, through ${backend}</small>
  </li>`;
}
