import { Component, type ComponentChildren } from 'preact';
import { ErrorNotice } from './notice.tsx';

interface BoundaryProps {
  /** Where the page is: elsewhere, it tries again. */
  readonly at: string;
  readonly children: ComponentChildren;
}

interface BoundaryState {
  readonly failed?: { readonly error: Error; readonly at: string } | undefined;
}

/** Shows what a screen has thrown, in its place: the rest of the page stays. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = {};

  override componentDidCatch(error: Error): void {
    this.setState({ failed: { error, at: this.props.at } });
  }

  override render() {
    const { failed } = this.state;
    return failed?.at === this.props.at ? (
      <ErrorNotice error={failed.error} again={() => this.setState({ failed: undefined })} />
    ) : (
      this.props.children
    );
  }
}
